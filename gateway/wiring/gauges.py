"""Gauges that need the database: looked up now and then, never while somebody scrapes."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.clock import Clock, parse_instant
from gateway.observability.metrics import Metrics, Values
from gateway.pacing.rest import rest

Look: TypeAlias = Callable[[], Mapping[str, Values]]
"""Blocks on the store; metric name -> values."""
EVERY_S: Final = 5.0
_SHARE_OF_TIME: Final = 20
"""A look that took long is followed by a pause so many times longer: looking costs at most a twentieth of one core."""
_log = structlog.get_logger("gateway.metrics")


class Gauges:
    """Runs one look again and again; what it last found is what a scrape reads."""

    def __init__(self, names: tuple[str, ...], look: Look, metrics: Metrics, every_s: float = EVERY_S) -> None:
        self._look = look
        self._every_s = every_s
        self._found: Mapping[str, Values] = {}
        for name in names:
            metrics.add(name, self._reader(name))

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. While the database does not answer there are no values: an old one would mislead."""
        while not stop.is_set():
            begun_s = time.monotonic()
            try:
                self._found = await asyncio.to_thread(self._look)
            except SQLAlchemyError as error:
                self._found = {}
                _log.warning("metrics.store_unanswered", error=type(error).__name__)
            pause_s = max(self._every_s, _SHARE_OF_TIME * (time.monotonic() - begun_s))
            await rest(stop, pause_s)

    def _reader(self, name: str) -> Callable[[], Values]:
        return lambda: self._found.get(name, {})


def age_s(since: str | None, clock: Clock) -> float:
    """Seconds since an instant; 0 for none, and for one that another process's clock puts in the future."""
    if since is None:
        return 0.0
    return max(0.0, (clock() - parse_instant(since)) / dt.timedelta(seconds=1))
