"""What was refused leaves a row in a commit of its own, before the caller is told."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Final

import structlog

from gateway.audit.refusing import Refusal, Refusals, Refused
from gateway.errors import Busy
from gateway.pacing.rest import rest
from gateway.store.audit import AuditWriter

ANONYMOUS: Final = "anonymous"
PAUSE_S: Final = 5.0
_log = structlog.get_logger("gateway.audit")


class RefusalLog:
    """`refused` may be called from any worker thread. It raises Busy when the row cannot be written:
    the refusal must not be answered without it (requirement 42)."""

    def __init__(self, audit: AuditWriter) -> None:
        self._audit = audit
        self._refusals = Refusals()
        self._lock = threading.Lock()

    def refused(self, caller_name: str | None, action: str, why: str, source: str | None = None) -> None:
        """`action`: a route or a permission; `why`: a problem's code; `source`: the address of a caller without a
        name. The first of its kind in a minute is written at once, the others of that minute as one row."""
        refusal = Refusal(caller_name or ANONYMOUS, None if caller_name else source, action, why)
        with self._lock:
            self._write(self._refusals.note(refusal, time.monotonic()))

    async def run(self, stop: asyncio.Event) -> None:
        """Writes what was counted in a minute that is over, until told to stop, and then everything."""
        while not stop.is_set():
            await rest(stop, PAUSE_S)
            try:
                await asyncio.to_thread(self.flush, stop.is_set())
            except Busy as error:
                _log.warning("audit.refusals_not_written", error=error.code)

    def flush(self, at_the_end: bool = False) -> None:
        """Raises Busy; what is not written then is kept."""
        with self._lock:
            self._write(self._refusals.rest(time.monotonic(), at_the_end))

    def _write(self, rows: list[Refused]) -> None:
        for at, row in enumerate(rows):
            one = row.refusal
            detail = {"source": one.source, "why": one.why, "times": row.times}
            try:
                self._audit.write(one.actor, "access:refused", one.what, detail, outcome="refused")
            except Busy:
                self._refusals.put_back(rows[at:])
                raise
