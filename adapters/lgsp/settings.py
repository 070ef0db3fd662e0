"""How the platform is reached, and the limits of every call made through it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

import orjson

from adapters.lgsp.outbound import Outbound


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """Address and credentials of the platform, as given to the province by its operator."""

    base_url: str
    access_key: str
    secret_key: str = field(repr=False)
    app_name: str = "lgsp-connector"
    partner_code: str = "H35"
    """Agency code of the caller (QĐ 20/2020/QĐ-TTg)."""
    partner_code_cus: str = "H35"
    """Agency on whose behalf the call is made."""
    timeout_s: float = 10.0
    outbound: Outbound = field(default_factory=Outbound)
    renew_ahead_s: float = 60.0
    """A token is renewed so long before it expires, or after nine tenths of a shorter life."""

    def access_header(self) -> str:
        """The value of the `lgspaccesstoken` header: base64 of a JSON object."""
        said = {
            "AccessKey": self.access_key,
            "SecretKey": self.secret_key,
            "AppName": self.app_name,
            "PartnerCode": self.partner_code,
            "PartnerCodeCus": self.partner_code_cus,
        }
        return base64.b64encode(orjson.dumps(said)).decode()


@dataclass(frozen=True, slots=True)
class CallLimits:
    """What one call may take. The total covers waiting for a connection, both tries and reading the answer."""

    connect_timeout_s: float = 5.0
    silence_timeout_s: float = 20.0
    """Longest silence while sending or receiving."""
    total_timeout_s: float = 25.0
    connections_max: int = 8
    answer_bytes_max: int = 16 * 1024 * 1024
    outbound: Outbound = field(default_factory=Outbound)
    """Where the calls may go: here, so that no adapter can be without it."""

    def __post_init__(self) -> None:
        if min(self.connect_timeout_s, self.silence_timeout_s, self.total_timeout_s) <= 0:
            raise ValueError("a timeout is longer than nothing")
        if self.connections_max < 1 or self.answer_bytes_max < 1:
            raise ValueError("limits start at 1")
