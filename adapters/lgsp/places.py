"""Addresses as all three systems and we understand them: today's commune code, and the day since which it holds."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from adapters.lgsp.instants import is_partial_date
from adapters.lgsp.plain_text import clean
from contracts import communes
from contracts.canonical import Json, JsonObject

BEFORE_TWO_TIER: Final = "2025-06-30"
_CODES_CACHED_MAX: Final = 4_096
_PROVINCE: Final = re.compile("[0-9]{2}")
_COMMUNE: Final = re.compile("[0-9]{5}")


@lru_cache(maxsize=_CODES_CACHED_MAX)
def today(commune: str, on: str | None) -> tuple[str, str, bool]:
    """(code, day since which it holds, whether it is one of the province's). A code of elsewhere keeps its own day."""
    day = on if on is not None and len(on) == 10 and is_partial_date(on) else None
    known = communes.current(commune, day)
    return (known.code, known.valid_from, True) if known else (commune, day or communes.TWO_TIER_FROM, False)


def said_codes(address: JsonObject) -> tuple[str | None, str | None, str | None]:
    """(province, commune, day since which the commune's code holds) to be sent of one of our addresses."""
    province, commune, on = address.get("province"), address.get("commune"), address.get("commune_on")
    return _said_codes(
        province if isinstance(province, str) else None,
        commune if isinstance(commune, str) else None,
        on if isinstance(on, str) else None,
    )


@lru_cache(maxsize=_CODES_CACHED_MAX)
def _said_codes(province: str | None, commune: str | None, on: str | None) -> tuple[str | None, str | None, str | None]:
    province_code = province if province is not None and _PROVINCE.fullmatch(province) else None
    if commune is None or _COMMUNE.fullmatch(commune) is None:
        return province_code, None, None
    code, day, ours = today(commune, on)
    return province_code or (communes.PROVINCE_CODE if ours else None), code, day


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
