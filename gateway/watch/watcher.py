"""The continuous watch: one process at a time, under a lease, gently.

Every round reads what has come on the topic, looks at a page of people, and now and then says how it stands. What it
finds and how far it has come are stored in one transaction under the lease; only then is the topic committed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from contracts.topics import WORKER_CHANGED
from gateway.clock import Clock
from gateway.pacing.rest import rest
from gateway.store.engine import Database
from gateway.store.event_log import EventLog
from gateway.store.leases import Lease, LeaseLost, Leases
from gateway.stream.port import Consumer, StreamUnavailable
from gateway.watch.alarms import FROM_PEOPLE, STANDING_STILL, Gap
from gateway.watch.beginning import POSITION, first_position
from gateway.watch.gap_book import GapBook
from gateway.watch.round import PeopleRound
from gateway.watch.settings import LEASE_NAME, WatchSettings
from gateway.watch.stages import StageLag, Stages
from gateway.watch.standstill import Standstill
from gateway.watch.topic import TopicWatch

SAYING: Final = "watcher"
_STANDBY_S: Final = 1.0
_PAUSE_AFTER_FAULT_S: Final = 1.0
_log = structlog.get_logger("gateway.watch")


class Watcher:
    """See the module. `consumer`: a new reader of the group `watch`, for every tenure."""

    def __init__(
        self,
        consumer: Callable[[], Consumer],
        database: Database,
        clock: Clock,
        holder: str,
        targets: Sequence[str],
        settings: WatchSettings | None = None,
    ) -> None:
        self._consumer = consumer
        self._database = database
        self._clock = clock
        self._holder = holder
        self._targets = tuple(targets)
        self._settings = settings or WatchSettings()
        self._leases = Leases(database, clock)
        self._book = GapBook(database, clock)
        self._log = EventLog(database, clock)
        self.lags: list[StageLag] = []
        """As last seen by this process; empty while another one watches."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; another watcher's lease is waited for, and a failing store or stream too."""
        while not stop.is_set():
            try:
                await self._tenure(stop)
                pause_s = _STANDBY_S
            except LeaseLost:
                _log.warning("watch.lease_lost", holder=self._holder)
                pause_s = _STANDBY_S
            except Exception as error:
                # The database is away, or a fault is ours: a watcher that ended would look like one that sees nothing.
                _log.error("watch.interrupted", error=repr(error)[:300])
                pause_s = _PAUSE_AFTER_FAULT_S
            self.lags = []
            await rest(stop, pause_s)

    async def _tenure(self, stop: asyncio.Event) -> None:
        duration_s = self._settings.lease_duration_s
        lease = await asyncio.to_thread(self._leases.take, LEASE_NAME, self._holder, duration_s)
        if lease is None:
            return
        _log.info("watch.begun", holder=self._holder, epoch=lease.epoch)
        tenure = await self._begin(lease)
        try:
            while not stop.is_set():
                begun_s = time.monotonic()
                await tenure.step()
                self.lags = tenure.lags
                worked_s = time.monotonic() - begun_s
                rest_s = max(self._settings.pause_s_min, self._settings.rest_share * worked_s)
                await rest(stop, min(rest_s, duration_s / 3))
        finally:
            await tenure.topic.close()
            await asyncio.to_thread(self._release, lease)

    async def _begin(self, lease: Lease) -> Tenure:
        topic, clock, settings = WORKER_CHANGED, self._clock, self._settings
        position = await asyncio.to_thread(first_position, self._database, clock, topic)
        watch = TopicWatch(self._consumer(), topic, self._database, clock, settings, position)
        stages = Stages(self._database, self._log, clock, settings, self._targets)
        people = PeopleRound(self._database, clock, settings, self._targets, stages.passing.passed)
        still = Standstill(self._database, self._log, clock, settings, self._targets)
        return Tenure(lease, watch, stages, people, still, self._book, settings)

    def _release(self, lease: Lease) -> None:
        try:
            self._leases.release(lease)
        except SQLAlchemyError as error:
            _log.warning("watch.lease_not_released", error=type(error).__name__)


class Tenure:
    """What one holder of the lease knows."""

    def __init__(
        self,
        lease: Lease,
        topic: TopicWatch,
        stages: Stages,
        people: PeopleRound,
        still: Standstill,
        book: GapBook,
        settings: WatchSettings,
    ) -> None:
        self.topic = topic
        self.lags: list[StageLag] = []
        self._lease = lease
        self._stages = stages
        self._people = people
        self._still = still
        self._book = book
        self._settings = settings
        self._said_s = 0.0
        self._paged_s = 0.0
        self._stored_position = -1
        self._rounds = 0
        self._round_of: int | None = None

    async def step(self) -> None:
        """One round of work. Raises LeaseLost, StreamUnavailable, SQLAlchemyError."""
        try:
            found = await self.topic.step()
        except StreamUnavailable as error:
            # Store and targets are watched all the same; that the topic is not shows in its lag.
            _log.warning("watch.topic_unanswered", error=str(error)[:200])
            await asyncio.to_thread(self._look, [])
            return
        await asyncio.to_thread(self._look, found.gaps)
        await self.topic.commit()

    def _look(self, gaps: list[Gap]) -> None:
        mended: set[tuple[str, str]] = set()
        saying: dict[str, Any] = {}
        if self.topic.position != self._stored_position:
            saying[POSITION] = self.topic.position
        now_s = time.monotonic()
        if now_s - self._paged_s >= self._settings.page_s:
            self._paged_s = now_s
            gaps += self._look_at_people(mended)
        if now_s - self._said_s >= self._settings.say_s:
            self._said_s = now_s
            gaps += self._look_at_stages(mended)
            saying[SAYING] = self._saying()
        if gaps or mended or saying:
            self._book.write(gaps, mended, saying, (self._lease, self._settings.lease_duration_s))
            self._stored_position = self.topic.position

    def _look_at_people(self, mended: set[tuple[str, str]]) -> list[Gap]:
        gaps, finished = self._people.step()
        if finished:
            mended |= self._book.open(FROM_PEOPLE) - self._people.found
            self._round_of = self._people.people
            self._rounds += 1
            self._people.begin()
        return gaps

    def _look_at_stages(self, mended: set[tuple[str, str]]) -> list[Gap]:
        self.lags = self._stages.look(self.topic.behind_since)
        still = self._still.look()
        mended |= self._book.open(STANDING_STILL) - {(gap.alarm, gap.subject) for gap in still}
        return still

    def _saying(self) -> dict[str, Any]:
        return {
            "holder": self._lease.holder,
            "position": self.topic.position,
            "people": self._round_of,
            "rounds": self._rounds,
            "stages": [asdict(lag) for lag in self.lags],
        }
