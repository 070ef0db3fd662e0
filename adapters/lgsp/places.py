"""Addresses as all three systems and we understand them: today's commune code, and the day since which it holds."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, cast

from adapters.lgsp.instants import is_partial_date
from adapters.lgsp.plain_text import clean
from contracts import communes
from contracts.canonical import Json, JsonObject

BEFORE_TWO_TIER: Final = "2025-06-30"
_CODES_CACHED_MAX: Final = 4_096


@lru_cache(maxsize=_CODES_CACHED_MAX)
def today(commune: str, on: str | None) -> tuple[str, str, bool]:
    """(code, day since which it holds, whether it is one of the province's). A code of elsewhere keeps its own day."""
    day = on if on is not None and len(on) == 10 and is_partial_date(on) else None
    known = communes.current(commune, day)
    return (known.code, known.valid_from, True) if known else (commune, day or communes.TWO_TIER_FROM, False)


def said_codes(address: JsonObject) -> tuple[str | None, str | None, str | None]:
    """(province, commune, day since which the commune's code holds) to be sent of one of our addresses."""
    province, code, on = address.get("province"), address.get("commune"), address.get("commune_on")
    province_code = province if _is_code(province, 2) else None
    if not isinstance(code, str) or not _is_code(code, 5):
        return cast("str | None", province_code), None, None
    commune, day, ours = today(code, on if isinstance(on, str) else None)
    return cast("str | None", province_code) or (communes.PROVINCE_CODE if ours else None), commune, day


def _is_code(value: Json, length: int) -> bool:
    return isinstance(value, str) and len(value) == length and value.isascii() and value.isdigit()


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
        "commune_on": valid_on,
        "detail": said,
    }


def lived_in(residence: JsonObject) -> JsonObject | None:
    """Where somebody lives, when a system has room for one place: current, temporary or permanent residence."""
    places = [
        place for field in ("current", "temporary", "permanent") if isinstance(place := residence.get(field), dict)
    ]
    return next((place for place in places if place.get("commune")), places[0] if places else None)
