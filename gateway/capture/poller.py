"""One system's change feed, heard from where it was left; its cursor is saved only after its entries are stored."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import structlog

from contracts.adapter_port import AdapterError, Change, ChangePage, SystemAdapter
from contracts.entry import Receipt, Report, Statement
from gateway.capture.settings import CaptureSettings
from gateway.capture.sorting import Records, Sorting
from gateway.clock import Clock, instant
from gateway.pacing.breaker import Breaker, BreakerState
from gateway.pacing.rest import rest
from gateway.store import capture_cursors, target_writes
from gateway.store.engine import Database

Receive: TypeAlias = Callable[[Sequence[Statement]], Awaitable[list[Receipt]]]

_PAUSE_AFTER_FAULT_S = 1.0
_CHANGE_ID_LENGTH_MAX: Final = 100
_log = structlog.get_logger("capture")


class CapturePoller:
    """The door of one source."""

    def __init__(
        self,
        adapter: SystemAdapter,
        receive: Receive,
        records: Records,
        database: Database,
        clock: Clock,
        settings: CaptureSettings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._adapter = adapter
        self._receive = receive
        self._database = database
        self._clock = clock
        self._settings = settings
        self._monotonic = monotonic
        self._sorting = Sorting(adapter.name, records, database, clock)
        self._breaker = Breaker(settings.breaker)
        self._purged_at_s: float | None = None
        self.counts: Counter[str] = Counter()
        """Changes by what became of them, since the process began."""

    def breaker_state(self) -> BreakerState:
        """For people and metrics."""
        return self._breaker.state(self._monotonic())

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            pause_s = self._settings.poll_interval_s
            try:
                await self._purge_now_and_then()
                if await self.step():
                    continue
            except Exception as error:
                _log.error("capture.poll_failed", source=self._adapter.name, error=repr(error)[:300])
                pause_s = max(pause_s, _PAUSE_AFTER_FAULT_S)
            await rest(stop, pause_s)

    async def step(self) -> bool:
        """One page, from the feed into the store; answers whether another one waits."""
        if not self._breaker.allows(1, self._monotonic()):
            return False
        cursor = await asyncio.to_thread(self._cursor)
        page = await self._page(cursor)
        if page is None:
            return False
        news = await asyncio.to_thread(self._sorting.news, page)
        self.counts["change"] += len(page.changes)
        self.counts["entry"] += len(news)
        size = self._settings.statements_per_call_max
        for start in range(0, len(news), size):
            await self._enter(news[start : start + size])
        # What was heard twice costs little; what was skipped is lost: so this comes last.
        if news or page.cursor != cursor:
            await asyncio.to_thread(self._save, page, news)
        return page.more

    async def _page(self, cursor: str | None) -> ChangePage | None:
        self._breaker.started(self._monotonic())
        try:
            async with asyncio.timeout(self._settings.call_timeout_s):
                page = await self._adapter.changes(cursor, self._settings.changes_per_page_max)
        except AdapterError as error:
            self._unheard(error.cause, error.retry_after_s)
            return None
        except TimeoutError:
            self._unheard("timeout", None)
            return None
        except Exception:
            self._unheard("adapter-fault", None)
            raise
        self._breaker.answered()
        return replace(page, changes=tuple(map(_with_short_id, page.changes)))

    def _unheard(self, cause: str, retry_after_s: float | None) -> None:
        self._breaker.failed(self._monotonic(), cause, retry_after_s)
        _log.warning("capture.feed_unanswered", source=self._adapter.name, cause=cause)

    async def _enter(self, changes: Sequence[Change]) -> None:
        receipts = await self._receive([self._statement(change) for change in changes])
        for change, receipt in zip(changes, receipts, strict=True):
            self.counts[receipt.state] += 1
            if receipt.state == "refused":
                _log.warning(
                    "capture.entry_refused",
                    source=self._adapter.name,
                    change_id=change.change_id,
                    problem=receipt.problem,
                )

    def _statement(self, change: Change) -> Statement:
        source = self._adapter.name
        return Statement(
            source=source,
            as_of=change.as_of,
            groups=change.groups,
            person=change.person,
            report=Report(source, change.change_id, change.held) if change.held else None,
            key=f"{source}:{change.change_id}",
        )

    def _cursor(self) -> str | None:
        with self._database.read() as connection:
            return capture_cursors.cursor_of(connection, self._adapter.name)

    def _save(self, page: ChangePage, news: Sequence[Change]) -> None:
        source, at = self._adapter.name, instant(self._clock())
        with self._database.write() as connection:
            capture_cursors.hear(connection, source, {change.change_id: "entry" for change in news}, at)
            capture_cursors.save_cursor(connection, source, page.cursor, at)

    async def _purge_now_and_then(self) -> None:
        now_s = self._monotonic()
        if self._purged_at_s is not None and now_s - self._purged_at_s < self._settings.purge_interval_s:
            return
        self._purged_at_s = now_s
        await asyncio.to_thread(self.purge)

    def purge(self) -> None:
        """Forget writes and heard changes that no window of the feed reaches back to. Blocks."""
        now = self._clock()
        with self._database.write() as connection:
            target_writes.purge(connection, instant(now - dt.timedelta(days=self._settings.writes_kept_days)))
            capture_cursors.purge_heard(connection, instant(now - dt.timedelta(days=self._settings.heard_kept_days)))


def _with_short_id(change: Change) -> Change:
    """The feed's own id, or its digest: with the source's name in front it is an entry's key, which has a limit."""
    if len(change.change_id) <= _CHANGE_ID_LENGTH_MAX:
        return change
    return replace(change, change_id=hashlib.sha256(change.change_id.encode()).hexdigest())
