"""The addresses of a statement that are not simply "a commune of this province, by today's code"."""

from __future__ import annotations

from typing import Final, TypeAlias

from contracts import communes
from contracts.canonical import JsonObject

Places: TypeAlias = tuple[tuple[str, JsonObject], ...]
"""(path, address)."""

RESIDENCES: Final = ("permanent", "current", "temporary")
_OF_WORK: Final = ("workplace_address", "employer_address")
_TODAY: Final = frozenset(commune.code for commune in communes.ALL)


def unusual(residence: JsonObject, situation: JsonObject, province: str) -> Places:
    """Addresses that a rule should look at; nearly always none."""
    found: list[tuple[str, JsonObject]] = []
    for group, values, fields in (("residence", residence, RESIDENCES), ("situation", situation, _OF_WORK)):
        for field in fields:
            address = values.get(field)
            if isinstance(address, dict) and not _is_usual(address, province):
                found.append((f"{group}.{field}", address))
    return tuple(found)


def _is_usual(address: JsonObject, province: str) -> bool:
    commune, since = address.get("commune"), address.get("commune_on")
    if not isinstance(commune, str) or not isinstance(since, str) or address.get("province") != province:
        return False
    return commune in _TODAY and since == communes.TWO_TIER_FROM
