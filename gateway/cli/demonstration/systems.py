"""How a gateway is told where the simulated systems are, from what they wrote when they were up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.cli.demonstration.street import SYSTEMS


def settings_for(ready: Mapping[str, Any]) -> dict[str, str]:
    """The gateway's variables: addresses, and the credentials that the simulated systems know."""
    return {
        "LGSP_PLATFORM__BASE_URL": ready["platform"],
        **{f"LGSP_TARGETS__{name.upper()}__BASE_URL": ready[name] for name in SYSTEMS},
        **credentials_for(ready["credentials"]),
    }


def credentials_for(given: Mapping[str, Any]) -> dict[str, str]:
    """The gateway's variables for credentials, from the keys that the platform issued."""
    officer = given["officer"]
    return {
        "LGSP_PLATFORM__ACCESS_KEY": given["AccessKey"],
        "LGSP_PLATFORM__SECRET_KEY": given["SecretKey"],
        "LGSP_PLATFORM__APP_NAME": given["AppName"],
        "LGSP_PLATFORM__PARTNER_CODE": given["PartnerCode"],
        "LGSP_PLATFORM__PARTNER_CODE_CUS": given["PartnerCodeCus"],
        "LGSP_VERIFICATION__OFFICER_NUMBER": officer["MaCanBo"],
        "LGSP_VERIFICATION__OFFICER_KEY_NAME": officer["keyName"],
        "LGSP_VERIFICATION__OFFICER_KEY_PASS": officer["keyPass"],
        "LGSP_VERIFICATION__PROCEDURE_CODE": given["MaDVC"],
    }
