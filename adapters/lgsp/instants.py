"""Instants and civil dates of other systems: Vietnamese time has been UTC+7 without summer time since 1975."""

from __future__ import annotations

import datetime as dt
from typing import Final

VIET_NAM: Final = dt.timezone(dt.timedelta(hours=7))


def happened(when: dt.datetime) -> tuple[str, str]:
    """(UTC instant with microseconds and `Z`, Vietnamese civil date) of an aware instant."""
    utc = when.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return utc, when.astimezone(VIET_NAM).date().isoformat()


def compact(date: str) -> str:
    """yyyyMMdd of yyyy-MM-dd."""
    return date.replace("-", "")


def spread(digits: str) -> str | None:
    """A partial ISO date of yyyy, yyyyMM or yyyyMMdd; None when the calendar has no such day."""
    if not (digits.isascii() and digits.isdigit() and len(digits) in {4, 6, 8}):
        return None
    text = "-".join(part for part in (digits[:4], digits[4:6], digits[6:]) if part)
    return text if is_partial_date(text) else None


def is_partial_date(text: str) -> bool:
    """Is it a day, month or year of the calendar, written 1960, 1960-05 or 1960-05-12?"""
    try:
        dt.date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return len(text) in {4, 7, 10}
