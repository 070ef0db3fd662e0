"""Pending events to the stream, and then a position for each: the rules of order, in one place.

1. One live relay, by an expiring lease with an epoch, checked before each send.
2. Always the oldest pending events, read from the beginning in one statement: no cursor, no skipping of locked rows.
3. Where an event fails, that worker's later events wait; nobody else's do.
4. Positions are given in the transaction that locks the lease and compares its epoch, to rows that were still pending.
5. While one batch gets its positions the next is read, without the rows of the first, and sent: what failed in the
   first is held back by then, and positions are given to one batch after the other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from contracts.topics import WORKER_CHANGED
from gateway.clock import Clock
from gateway.relay.headers import headers_of
from gateway.relay.held_back import HeldBack
from gateway.relay.settings import RelaySettings
from gateway.relay.tenure import Tenure
from gateway.store.engine import Database
from gateway.store.event_log import EventLog, PendingEvent, SentEvent
from gateway.store.leases import Lease, LeaseLost, Leases
from gateway.stream.port import Outcome, Published, PublishFailed, Stream, StreamRecord
from gateway.stream.wakeup import Pause, WakeUp

_log = structlog.get_logger("gateway.relay")


@dataclass(frozen=True, slots=True)
class _Step:
    """One batch: how many events the stream took, and whether to go on at once."""

    sent: int
    goes_on: bool


_NOTHING: Final = _Step(0, goes_on=False)


class Relay:
    """See the module. `holder` must differ between processes, a restarted one included."""

    def __init__(
        self, database: Database, stream: Stream, clock: Clock, holder: str, settings: RelaySettings | None = None
    ) -> None:
        self._settings = settings or RelaySettings()
        self._stream = stream
        self._leases = Leases(database, clock)
        self._log = EventLog(database, clock)
        self._tenure = Tenure(self._leases, holder, self._settings)
        self._held = HeldBack(self._settings, time.monotonic)
        self._wake_up = WakeUp()
        self._one_at_a_time = asyncio.Lock()
        self._outage_pause = Pause(self._settings.retry_s_min, self._settings.retry_s_max)
        self._resumes_at = 0.0
        self._settling: asyncio.Task[None] | None = None
        self._unsettled: list[int] = []
        self.published = 0
        """Events to which this process gave a position."""

    @property
    def leads(self) -> bool:
        """Whether this process is the live relay, as far as it knows."""
        return self._tenure.is_held

    def notify(self) -> None:
        """There are new pending events; call after the commit, from any thread."""
        self._wake_up.notify()

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop`; a failing store or stream is waited for, another relay's lease too."""
        settings = self._settings
        pause = Pause(settings.pause_s_min, settings.pause_s_max, settings.looks_at_pause_min)
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _done: self._wake_up.notify())
        try:
            while not stop.is_set():
                if await self._drain_or_report(stop):
                    pause.reset()
                    await asyncio.wait({stopping}, timeout=settings.rest_s)
                if await self._wake_up.wait(max(pause.next_s(), self._resumes_at - time.monotonic())):
                    pause.reset()
        finally:
            stopping.cancel()
            await self._finish()

    async def drain(self) -> int:
        """Publish what is pending now; answers how many events got a position.

        0 while another relay has the lease. Events that fail, and those held back behind them, stay pending.
        Raises SQLAlchemyError.
        """
        before = self.published
        await self._drain(asyncio.Event())
        async with self._one_at_a_time:
            with self._forgetting_what_is_lost():
                await self._settled()
        return self.published - before

    async def _drain(self, stop: asyncio.Event) -> bool:
        """Says whether anything was sent; the last batch may still be getting its positions."""
        any_sent = False
        async with self._one_at_a_time:
            goes_on = True
            while goes_on and not stop.is_set():
                goes_on = False
                with self._forgetting_what_is_lost():
                    step = await self._step()
                    any_sent, goes_on = any_sent or step.sent > 0, step.goes_on
        return any_sent

    @contextmanager
    def _forgetting_what_is_lost(self) -> Iterator[None]:
        try:
            yield
        except LeaseLost:
            self._tenure.forget()

    async def _drain_or_report(self, stop: asyncio.Event) -> bool:
        try:
            return await self._drain(stop)
        except SQLAlchemyError as error:
            _log.warning("relay.store_failed", error=type(error).__name__)
            return False

    async def _step(self) -> _Step:
        if self._settling is not None and self._settling.done():
            await self._settled()
        lease = await self._tenure.current()
        if lease is None or self._held.is_full():
            return _NOTHING
        batch_size = self._settings.batch_size_max
        events = await asyncio.to_thread(self._log.pending, batch_size, self._held.workers(), self._unsettled)
        if not events:
            return _NOTHING
        await self._tenure.check(lease)
        outcomes = await self._send(lease, events)
        # Fewer than were asked for: there were no others.
        goes_on = self._note_failures(events, outcomes) and len(events) == batch_size
        await self._settled()
        return _Step(self._begin_settling(lease, events, outcomes), goes_on)

    async def _send(self, lease: Lease, events: Sequence[PendingEvent]) -> list[Outcome]:
        records = [
            StreamRecord(WORKER_CHANGED.name, event.worker_id, event.body, headers_of(event.body)) for event in events
        ]
        sending = asyncio.create_task(self._stream.publish(records))
        await self._tenure.keep_during(lease, sending)
        return sending.result()

    def _begin_settling(self, lease: Lease, events: Sequence[PendingEvent], outcomes: Sequence[Outcome]) -> int:
        """How many events there are to settle; that goes on beside the next batch."""
        sent = [
            SentEvent(event.row, outcome.partition, outcome.offset)
            for event, outcome in zip(events, outcomes, strict=True)
            if isinstance(outcome, Published)
        ]
        if sent:
            self._unsettled = [event.row for event in sent]
            self._settling = asyncio.create_task(self._settle(lease, sent))
        return len(sent)

    async def _settle(self, lease: Lease, sent: Sequence[SentEvent]) -> None:
        duration_s = self._settings.lease_duration_s
        settled = await asyncio.to_thread(self._log.settle, self._leases, lease, sent, duration_s)
        self._tenure.note_renewal()
        self.published += settled
        _log.debug("relay.batch_published", events=settled)

    async def _settled(self) -> None:
        """Wait for the positions of the batch before. Raises LeaseLost, SQLAlchemyError; they then stay pending."""
        settling, self._settling = self._settling, None
        if settling is not None:
            try:
                await settling
            finally:
                self._unsettled = []

    def _note_failures(self, events: Sequence[PendingEvent], outcomes: Sequence[Outcome]) -> bool:
        """Hold back whose events failed; says whether to go on, which in an outage of the stream nobody does."""
        failed = {
            event.worker_id: outcome.cause
            for event, outcome in zip(reversed(events), reversed(outcomes), strict=True)
            if isinstance(outcome, PublishFailed)
        }
        if len(failed) == len({event.worker_id for event in events}) and "unavailable" in failed.values():
            wait_s = self._outage_pause.next_s()
            self._resumes_at = time.monotonic() + wait_s
            _log.warning("relay.stream_unavailable", events=len(events), next_attempt_s=wait_s)
            return False
        self._outage_pause.reset()
        self._held.release(event.worker_id for event in events if event.worker_id not in failed)
        self._held.hold(failed)
        if failed:
            first = next(reversed(failed))
            _log.warning("relay.workers_held_back", workers=len(failed), first=first, cause=failed[first])
        return True

    async def _finish(self) -> None:
        with self._forgetting_what_is_lost():
            try:
                await self._settled()
            except SQLAlchemyError as error:
                _log.warning("relay.store_failed", error=type(error).__name__)
        await self.release()

    async def release(self) -> None:
        """Let another relay begin at once; `run` does so when it ends."""
        try:
            await self._tenure.release()
        except SQLAlchemyError as error:
            _log.warning("relay.lease_not_released", error=type(error).__name__)
