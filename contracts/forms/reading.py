"""Reading one value of a form into the record's words. What cannot be read stays as given, for a rule to find.

Every function gives None for "asked, left empty": a missing key, `null`, or text of nothing but spaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from contracts import communes
from contracts.canonical import JsonObject
from contracts.names import normalize


def text(value: object) -> str | None:
    """Words as given, in one Unicode form and without invisible characters."""
    return (normalize(value) or None) if isinstance(value, str) else None


def code(value: object) -> str | None:
    """A code; spaces around it are dropped."""
    return (value.strip() or None) if isinstance(value, str) else None


def number(value: object) -> str | None:
    """An identifier; the spaces that people put between groups of digits are dropped."""
    return ("".join(value.split()) or None) if isinstance(value, str) else None


def flag(value: object) -> bool | None:
    """A yes or no."""
    return value if isinstance(value, bool) else None


def codes(value: object) -> list[str]:
    """Ticked codes, sorted, each once."""
    if not isinstance(value, list):
        return []
    return sorted({one.strip() for one in value if isinstance(one, str) and one.strip()})


def members(value: object) -> Mapping[str, object]:
    """The members of a composite value."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def address(value: object, declared_on: str) -> JsonObject | None:
    """An address with today's commune code, and the date since which that code has been valid.

    A date that moved with each statement would make the same address look changed. So a known commune carries the
    beginning of its validity, and a code of elsewhere without a date the beginning of today's numbering.
    """
    if not isinstance(value, dict):
        return None
    given = value.get
    province, commune, detail = code(given("ma_tinh")), code(given("ma_xa")), text(given("chi_tiet"))
    if commune is None:
        if province is None and detail is None:
            return None
        return {"province": province, "commune": None, "commune_on": None, "detail": detail}
    given_on = code(given("ngay_ma"))
    known = communes.current(commune, given_on or declared_on)
    if known is None:
        valid_on = given_on or min(communes.TWO_TIER_FROM, declared_on)
        return {"province": province, "commune": commune, "commune_on": valid_on, "detail": detail}
    return {
        "province": province or communes.PROVINCE_CODE,
        "commune": known.code,
        "commune_on": known.valid_from,
        "detail": detail,
    }
