"""Addresses as all three systems and we understand them: today's commune code, and the day since which it holds."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from adapters.lgsp.plain_text import clean
from contracts import communes
from contracts.canonical import Json, JsonObject

BEFORE_TWO_TIER: Final = "2025-06-30"
_CODES_CACHED_MAX: Final = 4_096


@lru_cache(maxsize=_CODES_CACHED_MAX)
def today(commune: str, on: str | None) -> tuple[str, str | None, bool]:
    """(code, day since which it holds, whether it is one of the province's). A code of elsewhere keeps its own day."""
    known = communes.current(commune, on)
    return (known.code, known.valid_from, True) if known else (commune, on, False)


def said_commune(address: JsonObject) -> tuple[str | None, str | None]:
    """(code, day) to be sent of one of our addresses."""
    code, on = address.get("commune"), address.get("commune_on")
    if not isinstance(code, str) or not (len(code) == 5 and code.isascii() and code.isdigit()):
        return None, None
    return today(code, on if isinstance(on, str) else None)[:2]


def said_province(address: JsonObject) -> str | None:
    """The two-digit code, if it is one."""
    code = address.get("province")
    return code if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isdigit() else None


def heard_address(province: Json, commune: Json, on: str | None, detail: Json) -> JsonObject | None:
    """One of our addresses, spelt as the forms spell it, so that the same place is the same value; None if empty."""
    province_code = (province.strip() or None) if isinstance(province, str) else None
    commune_code = (commune.strip() or None) if isinstance(commune, str) else None
    said = clean(detail)
    if commune_code is None:
        if province_code is None and said is None:
            return None
        return {"province": province_code, "commune": None, "commune_on": None, "detail": said}
    code, valid_on, ours = today(commune_code, on)
    return {
        "province": province_code or (communes.PROVINCE_CODE if ours else None),
        "commune": code,
        "commune_on": valid_on or communes.TWO_TIER_FROM,
        "detail": said,
    }


def lived_in(residence: JsonObject) -> JsonObject | None:
    """Where somebody lives, when a system has room for one place: current, temporary or permanent residence."""
    places = [
        place for field in ("current", "temporary", "permanent") if isinstance(place := residence.get(field), dict)
    ]
    return next((place for place in places if place.get("commune")), places[0] if places else None)
