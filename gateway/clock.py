"""Time: instants are UTC text with microseconds and `Z`; civil dates are Vietnam's. The clock is passed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final, TypeAlias

Clock: TypeAlias = Callable[[], dt.datetime]

# Vietnam keeps UTC+7 all year, so a fixed offset says the same as the zone database and needs none.
VIETNAM: Final = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")


def system_clock() -> dt.datetime:
    """The present instant, UTC."""
    return dt.datetime.now(dt.UTC)


def instant(at: dt.datetime) -> str:
    """Fixed-width text, so that text order is time order."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> dt.datetime:
    """The inverse of `instant`. Raises ValueError."""
    return dt.datetime.fromisoformat(text)


def civil_date(at: dt.datetime) -> dt.date:
    """The date in Vietnam at an instant."""
    return at.astimezone(VIETNAM).date()
