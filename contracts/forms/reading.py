"""Reading one value of a form into the record's words. Tolerant: what cannot be read stays as given, for a rule to find.

Every function gives None for "asked, left empty": a missing key, `null`, or text of nothing but spaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, cast

from contracts import communes
from contracts.canonical import JsonObject
from contracts.names import normalize

_COMMUNES_CACHED_MAX: Final = 4_096


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

    A date that moved with each statement would make the same address look changed; so a known commune carries the
    beginning of its validity. A code that the list does not know keeps the date given, or else the day of the statement.
    """
    if not isinstance(value, dict):
        return None
    province, commune, detail = code(value.get("ma_tinh")), code(value.get("ma_xa")), text(value.get("chi_tiet"))
    if commune is None:
        if province is None and detail is None:
            return None
        return {"province": province, "commune": None, "commune_on": None, "detail": detail}
    given_on = code(value.get("ngay_ma")) or declared_on
    found, valid_on, of_province = _commune(commune, given_on)
    return {"province": province or of_province, "commune": found, "commune_on": valid_on, "detail": detail}
