"""Lai Châu's commune-level units: 38 since 01/7/2025, 106 before.

A new commune carries the code of one of its old parts, so the same five digits name different areas before and after:
a code means something only together with the day on which it was valid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from contracts.codelists import load
from contracts.names import normalize, search_key, unaccented_key

TWO_TIER_FROM: Final = "2025-07-01"
PROVINCE_CODE: Final = "12"
_KIND: Final = re.compile(r"(?:xã|phường|thị trấn|xa|phuong|thi tran)\s+|(?:x|p|tt)(?:\.\s*|\s+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune or ward of today; `valid_from` is the ISO day since which the code means this area."""

    code: str
    name: str
    valid_from: str


@dataclass(frozen=True, slots=True)
class OldUnit:
    """A unit that ended on 30/6/2025, and the one commune that took it over (none was divided)."""

    old_code: str
    old_name: str
    old_district_code: str
    old_district: str
    new_code: str


ALL: Final[tuple[Commune, ...]] = tuple(
    Commune(row["code"], row["name_vi"], TWO_TIER_FROM) for row in load("laichau_communes_2025").rows
)
_BY_CODE: Final = {commune.code: commune for commune in ALL}


@cache
def old_units() -> tuple[OldUnit, ...]:
    """The 106 units of before, each with the code of the commune it belongs to now."""
    return tuple(
        OldUnit(row["old_code"], row["old_name_vi"], row["old_district_code"], row["old_district_name"], row["code"])
        for row in load("laichau_old_to_new_units").rows
    )


_FROM_OLD: Final = {unit.old_code: _BY_CODE[unit.new_code] for unit in old_units()}


def current(code: str, on: str | None) -> Commune | None:
    """Today's commune for a code that was valid on the ISO day `on`; None if no such code held then.

    Without a day the new list is asked first: a guess, since a code in both lists may have meant another area.
    """
    if on is None:
        return _BY_CODE.get(code) or _FROM_OLD.get(code)
    return (_BY_CODE if on >= TWO_TIER_FROM else _FROM_OLD).get(code)


def _short(name: str) -> str:
    kind = _KIND.match(name)
    return name[kind.end() :] if kind else name


@cache
def _by_name() -> dict[str, Commune]:
    found: dict[str, list[Commune]] = {}
    for commune in ALL:
        for key in (search_key(_short(commune.name)), unaccented_key(_short(commune.name))):
            found.setdefault(key, []).append(commune)
    return {key: communes[0] for key, communes in found.items() if len(communes) == 1}


def find(name: str) -> Commune | None:
    """Today's commune by its name as typed, with or without "xã"/"phường" and accents. Old names are not looked up."""
    short = _short(normalize(name).split(",")[0].strip())
    return _by_name().get(search_key(short)) or _by_name().get(unaccented_key(short))
