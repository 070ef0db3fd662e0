"""Public holidays: those on fixed dates are computed, lunar ones and what a year announces stand in `holidays.csv`.

Source: Labour Code 45/2019/QH14, Article 112 (1/1; five days of Tết; 10/3 by the lunar calendar; 30/4; 1/5; 2/9 and
one day beside it) and Article 111 paragraph 3 (a holiday on a weekly day of rest is made up for on the next working
day). Which five days, and which day beside 2/9, is announced for each year; until then Tết is taken with one day before
it, and 2/9 alone: `announced` says which years stand firm.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, TypeAlias

Calendar: TypeAlias = Literal["announced", "computed", "fixed"]
"""How sure the holidays of a span are: announced; lunar dates computed; fixed dates and weekends alone."""
_FIXED: Final = ((1, 1), (4, 30), (5, 1), (9, 2))
_TET_DAYS: Final = 5
_DAY: Final = dt.timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class LunarYear:
    """One row of the table. `tet_on` is the first day of the lunar year, `gio_to_on` the tenth of its third month."""

    tet_on: dt.date
    days_before_tet: int
    gio_to_on: dt.date
    beside_national_day_on: dt.date | None
    announced: bool

    def days(self) -> set[dt.date]:
        """The holidays that no fixed date gives."""
        first = self.tet_on - self.days_before_tet * _DAY
        found = {first + count * _DAY for count in range(_TET_DAYS)} | {self.gio_to_on}
        return found | ({self.beside_national_day_on} if self.beside_national_day_on else set())


def _row(row: Mapping[str, str]) -> LunarYear:
    beside = row["beside_national_day_on"]
    return LunarYear(
        dt.date.fromisoformat(row["tet_on"]),
        int(row["days_before_tet"]),
        dt.date.fromisoformat(row["gio_to_on"]),
        dt.date.fromisoformat(beside) if beside else None,
        row["announced"] == "x",
    )


@cache
def lunar_years() -> Mapping[int, LunarYear]:
    """The table, by year."""
    text = files("gateway.register").joinpath("holidays.csv").read_text("utf-8")
    return {int(row["year"]): _row(row) for row in csv.DictReader(text.splitlines())}


def is_weekend(day: dt.date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() >= _SATURDAY


@cache
def days_off(year: int) -> frozenset[dt.date]:
    """The holidays of a year, and the days that make up for those on a weekend."""
    lunar = lunar_years().get(year)
    named = {dt.date(year, month, day) for month, day in _FIXED} | (lunar.days() if lunar else set())
    found = set(named)
    for day in sorted(named):
        if is_weekend(day):
            instead = day
            while is_weekend(instead) or instead in found:
                instead += _DAY
            found.add(instead)
    return frozenset(found)


def calendar_of(first: dt.date, last: dt.date) -> Calendar:
    """How sure the holidays between two days are: the least sure year decides."""
    rows = [lunar_years().get(year) for year in range(first.year, last.year + 1)]
    if not all(rows):
        return "fixed"
    return "announced" if all(row is not None and row.announced for row in rows) else "computed"
