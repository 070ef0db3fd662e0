"""Back-pressure before loss: no more entries once an event has waited for the stream beyond the stated bound.

Until then an outage of the stream stops nobody: events wait in the store, whose disk is not endless.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from gateway.clock import Clock, parse_instant
from gateway.errors import Busy
from gateway.pacing.rest import rest
from gateway.store.event_log import EventLog

RETRY_AFTER_S: Final = 60
_EVERY_S: Final = 1.0
_log = structlog.get_logger("gateway.intake")


class Pressure:
    """Kept fresh by a loop of the api process, so that asking it costs an entry nothing."""

    def __init__(self, event_log: EventLog, clock: Clock, pending_age_max_s: float) -> None:
        self._event_log = event_log
        self._clock = clock
        self._pending_age_max_s = pending_age_max_s
        self.is_too_high = False

    def check(self) -> None:
        """Raises Busy(stream-behind) beyond the bound: nothing was stored, the same again later is right."""
        if self.is_too_high:
            raise Busy("stream-behind", retry_after_s=RETRY_AFTER_S)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. While the database does not answer, what was last seen stands."""
        while not stop.is_set():
            try:
                await self.step()
            except Exception as error:
                _log.warning("intake.pressure_unknown", error=type(error).__name__)
            await rest(stop, _EVERY_S)

    async def step(self) -> None:
        """Look once."""
        oldest_at = await asyncio.to_thread(self._event_log.oldest_pending_at)
        age_s = 0.0 if oldest_at is None else (self._clock() - parse_instant(oldest_at)).total_seconds()
        was, self.is_too_high = self.is_too_high, age_s > self._pending_age_max_s
        if self.is_too_high and not was:
            _log.critical("intake.stream_behind", oldest_at=oldest_at, pending_age_max_s=self._pending_age_max_s)
        elif was and not self.is_too_high:
            _log.info("intake.stream_caught_up")
