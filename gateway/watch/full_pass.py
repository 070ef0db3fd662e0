"""Everything, once: for after a disaster. Who is whole, and where exactly somebody is not.

Reads the whole topic with a group of its own, which commits nothing; compares every record's versions; and holds what
each target is known to hold against the record as it is projected now. What is younger than the grace is waited for.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from contracts.topics import WORKER_CHANGED
from gateway.clock import Clock
from gateway.store import target_gauges, watch_events, watch_people
from gateway.store.engine import Database
from gateway.store.event_log import EventLog
from gateway.stream.port import Consumer
from gateway.watch.alarms import FROM_PEOPLE, FROM_RECORDS, Gap
from gateway.watch.beginning import retained
from gateway.watch.gap_book import GapBook
from gateway.watch.round import PeopleRound, Views
from gateway.watch.settings import WatchSettings
from gateway.watch.stages import Stages
from gateway.watch.topic import TopicWatch

Part: TypeAlias = Literal["topic", "people", "waiting"]
Tell: TypeAlias = Callable[[Part, int, int], None]
"""(part, done, of how many)."""
_LOOK_AGAIN_S: Final = 0.5


@dataclass(slots=True)
class Report:
    """What a pass found. `rows`: people by (target, state) as they stood at the end."""

    people: int = 0
    positions: int = 0
    expired: int = 0
    """Events whose records the topic may have let go of already."""
    gaps: list[Gap] = field(default_factory=list)
    rows: dict[tuple[str, ...], float] = field(default_factory=dict)

    def counts(self) -> Counter[str]:
        """Gaps by alarm."""
        return Counter(gap.alarm for gap in self.gaps)


class FullPass:
    """`consumer`: a new reader of a group."""

    def __init__(
        self,
        consumer: Callable[[str], Consumer],
        database: Database,
        clock: Clock,
        targets: Sequence[str],
        views: Views,
        settings: WatchSettings | None = None,
    ) -> None:
        self._consumer = consumer
        self._database = database
        self._clock = clock
        self._targets = tuple(targets)
        self._views = views
        self._settings = settings or WatchSettings()
        self._log = EventLog(database, clock)

    async def run(self, tell: Tell) -> Report:
        """Compare everything, write what was found over the open gaps. Raises StreamUnavailable, SQLAlchemyError."""
        report = Report()
        report.gaps += await self._until_published(tell)
        report.gaps += await self._topic(tell, report)
        report.gaps += await self._everybody(tell, report)
        await asyncio.to_thread(self._finish, report)
        return report

    async def _until_published(self, tell: Tell) -> list[Gap]:
        """Pending events may be on their way for as long as the grace."""
        deadline_s = time.monotonic() + self._settings.grace_s
        most = 0
        while pending := (await asyncio.to_thread(self._log.backlog)).events:
            most = max(most, pending)
            tell("waiting", most - pending, most)
            if time.monotonic() > deadline_s:
                return [Gap("watch.relay-behind", detail=f"{pending} events")]
            await asyncio.sleep(_LOOK_AGAIN_S)
        return []

    async def _topic(self, tell: Tell, report: Report) -> list[Gap]:
        begin = await asyncio.to_thread(retained, self._database, self._clock, WORKER_CHANGED)
        with self._database.read() as connection:
            last = watch_events.last_position(connection)
        report.expired, report.positions = begin, last - begin
        reader = self._consumer(f"watch-once-{secrets.token_hex(4)}")
        watch = TopicWatch(reader, WORKER_CHANGED, self._database, self._clock, self._settings, begin, commits=False)
        gaps: list[Gap] = []
        try:
            while watch.position < last:
                found = await watch.step()
                gaps += found.gaps
                tell("topic", min(watch.position, last) - begin, last - begin)
                if not found.records and not found.advanced:
                    await asyncio.sleep(_LOOK_AGAIN_S)
        finally:
            await watch.close()
        return gaps

    async def _everybody(self, tell: Tell, report: Report) -> list[Gap]:
        stages = Stages(self._database, self._log, self._clock, self._settings, self._targets)
        # Nobody is left out for being young: whoever was not told yet is waited for below.
        everybody = PeopleRound(
            self._database, self._clock, self._settings, self._targets, stages.passing.passed, self._views, 0.0
        )
        with self._database.read() as connection:
            total = watch_people.count(connection)
        gaps: list[Gap] = []
        finished = False
        while not finished:
            more, finished = await asyncio.to_thread(everybody.step)
            gaps += more
            tell("people", everybody.people, max(total, everybody.people))
        report.people = everybody.people
        most = everybody.suspicions
        while everybody.suspicions:
            # Whoever tells the targets may still come to them: it is over when it has passed them by, or stands still.
            await asyncio.to_thread(stages.look, None)
            gaps += await asyncio.to_thread(everybody.settle_suspicions)
            tell("waiting", most - everybody.suspicions, most)
            if everybody.suspicions:
                await asyncio.sleep(_LOOK_AGAIN_S)
        return gaps

    def _finish(self, report: Report) -> None:
        alarms = (*FROM_RECORDS, *FROM_PEOPLE)
        book = GapBook(self._database, self._clock)
        book.write(report.gaps, book.open(alarms) - {(gap.alarm, gap.subject) for gap in report.gaps})
        with self._database.read() as connection:
            report.rows = target_gauges.people(connection)
