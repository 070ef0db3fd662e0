"""Working days: neither Saturday, Sunday nor a public holiday. Days are Vietnam's civil days."""

from __future__ import annotations

import datetime as dt
from typing import Final

from gateway.clock import VIETNAM
from gateway.register.holidays import days_off, is_weekend

_DAY: Final = dt.timedelta(days=1)


def is_working_day(day: dt.date) -> bool:
    """Whether offices work on this day, as far as the holidays of its year are known."""
    return not is_weekend(day) and day not in days_off(day.year)


def add_working_days(start: dt.date, count: int) -> dt.date:
    """The `count`-th working day after `start`; `start` itself never counts (Civil Code 2015, Article 147)."""
    day = start
    for _ in range(count):
        day += _DAY
        while not is_working_day(day):
            day += _DAY
    return day


def working_days_between(start: dt.date, end: dt.date) -> int:
    """How many working days lie after `start` and not after `end`; 0 when `end` is not later."""
    span = (end - start) // _DAY
    return sum(is_working_day(start + count * _DAY) for count in range(1, span + 1))


def end_of(day: dt.date) -> dt.datetime:
    """The instant at which a day ends: 24:00 (Civil Code 2015, Article 148)."""
    return dt.datetime.combine(day + _DAY, dt.time(), VIETNAM)
