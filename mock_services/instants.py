"""Instants as the three systems write them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7))


def now_ms() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def compact(at_ms: int) -> str:
    """yyyyMMddHHmmss, Vietnamese time."""
    return datetime.fromtimestamp(at_ms / 1000, VIETNAM).strftime("%Y%m%d%H%M%S")


def iso(at_ms: int) -> str:
    """ISO 8601 with milliseconds and +07:00."""
    return datetime.fromtimestamp(at_ms / 1000, VIETNAM).isoformat(timespec="milliseconds")


def today() -> datetime:
    """The Vietnamese day."""
    return datetime.now(VIETNAM)
