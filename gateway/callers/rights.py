"""What may be said of a caller: the shape that rights must have, whoever proposes them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Final

from contracts.communes import ALL as COMMUNES
from contracts.communes import PROVINCE_CODE
from gateway.errors import ContractViolated
from gateway.permissions import ROLES, TIERS
from gateway.store.callers import Rights

ADDRESSES_MAX: Final = 16
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{1,62}")
# A tier without a limit is for the installation itself: one caller must not take all there is.
_TIERS: Final = tuple(name for name, tier in TIERS.items() if tier.requests_per_s)
_COMMUNE_CODES: Final = frozenset(commune.code for commune in COMMUNES)
_RESERVED: Final = frozenset({"local", "gateway", "verification", "capture", "operator"})


def check_rights(name: str, rights: Rights, agencies: Mapping[str, str]) -> None:
    """Raises ContractViolated(caller-invalid) naming the member and what it may be."""
    role = ROLES.get(rights.role)
    roles = [known for known, text in ROLES.items() if text.kind == rights.kind]
    wanted = PROVINCE_CODE if role is not None and role.unit == "province" else "province | commune"
    faults = {
        "name": (_NAME.fullmatch(name) is not None and name not in _RESERVED, "a-z 0-9 - _, 2..63"),
        "kind": (rights.kind in ("client", "person"), "client|person"),
        "agency": (rights.agency in agencies, "|".join(agencies) or "lgsp agencies add"),
        "role": (rights.role in roles, "|".join(roles)),
        "unit": (role is None or _fits(rights.unit, role.unit), wanted),
        "tier": (rights.tier in _TIERS, "|".join(_TIERS)),
        "addresses": (_are_networks(rights.addresses), "10.0.0.0/8"),
    }
    for member, (holds, hint) in faults.items():
        if not holds:
            raise ContractViolated("caller-invalid", (member, hint))


def _fits(unit: str, wanted: str) -> bool:
    is_province, is_commune = unit == PROVINCE_CODE, unit in _COMMUNE_CODES
    return {"province": is_province, "commune": is_commune, "any": is_province or is_commune}[wanted]


def _are_networks(addresses: tuple[str, ...]) -> bool:
    try:
        return len(addresses) <= ADDRESSES_MAX and all(ipaddress.ip_network(one) is not None for one in addresses)
    except ValueError:
        return False
