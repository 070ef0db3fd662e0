"""The topic, followed record by record: every event of the log arrives as it was stored, where it belongs, in order.

Two streams are merged: the records, as they come, and the positions, which are gapless. A position is confirmed when
a record of its event has come; it is missing when the reader is past the place that the stream gave it, or when the
partition ends before that place, for longer than the grace. Records are committed only behind confirmed positions,
so that a watcher that starts again reads again what it has not settled, and needs no memory of its own but one number.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.topics import Topic
from gateway.clock import Clock, instant
from gateway.store import watch_events
from gateway.store.engine import Database
from gateway.store.watch_events import EventKey, LoggedEvent, Placed
from gateway.stream.port import Consumer, Progress, Received
from gateway.watch.alarms import Gap
from gateway.watch.records import Arrived, arrived, compare, out_of_order
from gateway.watch.settings import WatchSettings

_UNKNOWN_KEPT_MAX: Final = 10_000
_ROUNDS_MAX: Final = 20
RETENTION_MARGIN: Final = dt.timedelta(days=1)


@dataclass(slots=True)
class _Read:
    """A record that is not committed yet. `position`: of its event, None while it has none; 0 for no event of ours."""

    partition: int
    offset: int
    position: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """One step: gaps, how many records were read, and how many positions were confirmed or given up."""

    gaps: list[Gap]
    records: int
    advanced: int


class TopicWatch:
    """One tenure of one reader. `position`: everything up to it is confirmed already."""

    def __init__(
        self,
        consumer: Consumer,
        topic: Topic,
        database: Database,
        clock: Clock,
        settings: WatchSettings,
        position: int,
        *,
        commits: bool = True,
    ) -> None:
        self.position = position
        self.behind_since: str | None = None
        """When the first position that is not confirmed was published."""
        self._consumer = consumer
        self._topic = topic
        self._database = database
        self._clock = clock
        self._settings = settings
        self._seen: set[int] = set()
        self._unplaced: dict[EventKey, list[_Read]] = {}
        self._unknown: set[EventKey] = set()
        self._uncommitted: dict[int, deque[_Read]] = {}
        self._committed: dict[int, int] = {}
        self._commits = commits

    async def step(self) -> Found:
        """Read what has come, and confirm what can be confirmed. Raises StreamUnavailable, SQLAlchemyError."""
        settings = self._settings
        records = await self._consumer.poll(settings.records_per_poll_max, settings.poll_timeout_ms)
        gaps = await asyncio.to_thread(self._take, records)
        progress = await self._consumer.progress()
        before = self.position
        gaps += await asyncio.to_thread(self._advance, progress)
        return Found(gaps, len(records), self.position - before)

    async def commit(self) -> None:
        """Say that confirmed records need not come again; call it after `position` is stored."""
        done = [last for partition in self._uncommitted if (last := self._confirmed(partition)) is not None]
        if done:
            await self._consumer.commit(done)

    async def close(self) -> None:
        """Leave the group."""
        await self._consumer.close()

    def _take(self, records: Sequence[Received]) -> list[Gap]:
        gaps: list[Gap] = []
        for start in range(0, len(records), watch_events.EVENTS_PER_LOOK_MAX):
            read = [arrived(one) for one in records[start : start + watch_events.EVENTS_PER_LOOK_MAX]]
            with self._database.read() as connection:
                stored = watch_events.logged(connection, {one.event for one in read if one.event is not None})
            for one in read:
                known = None if one.event is None else stored.get(one.event)
                gaps += compare(one, known, self._topic.partitions)
                gaps += self._note(one, known)
        return gaps

    def _note(self, one: Arrived, stored: LoggedEvent | None) -> Iterator[Gap]:
        read = _Read(one.record.partition, one.record.offset, 0)
        if self._commits:
            self._uncommitted.setdefault(read.partition, deque()).append(read)
        if one.event is None:
            return
        if stored is None:
            if len(self._unknown) < _UNKNOWN_KEPT_MAX:
                self._unknown.add(one.event)
            return
        if (gap := out_of_order(one, stored, self._was_seen)) is not None:
            yield gap
        read.position = stored.position
        if stored.position is None:
            self._unplaced.setdefault(one.event, []).append(read)
        elif stored.position > self.position:
            self._seen.add(stored.position)

    def _was_seen(self, event: EventKey, position: int | None) -> bool:
        if event in self._unplaced or event in self._unknown:
            return True
        return position is not None and (position <= self.position or position in self._seen)

    def _advance(self, progress: Mapping[tuple[str, int], Progress]) -> list[Gap]:
        gaps: list[Gap] = []
        with self._database.read() as connection:
            waiting = list(self._unplaced)
            for start in range(0, len(waiting), watch_events.EVENTS_PER_LOOK_MAX):
                part = waiting[start : start + watch_events.EVENTS_PER_LOOK_MAX]
                for event, (position, _) in watch_events.positions_of(connection, part).items():
                    self._place(event, position)
            for _ in range(_ROUNDS_MAX):
                rows = watch_events.placed_after(connection, self.position)
                self.behind_since = None
                if not self._confirm(rows, progress, gaps) or not rows:
                    break
        return gaps

    def _place(self, event: EventKey, position: int) -> None:
        for read in self._unplaced.pop(event, ()):
            read.position = position
        if position > self.position:
            self._seen.add(position)

    def _confirm(self, rows: Sequence[Placed], progress: Mapping[tuple[str, int], Progress], gaps: list[Gap]) -> bool:
        """Go on along these positions as far as may be; whether that was all of them."""
        now = self._clock()
        overdue = instant(now - dt.timedelta(seconds=self._settings.grace_s))
        expired = instant(now - dt.timedelta(days=self._topic.retention_days) + RETENTION_MARGIN)
        for row in rows:
            if row.position in self._seen:
                self._seen.discard(row.position)
            elif row.worker_id is not None and row.published_at > expired:
                if row.published_at > overdue or not self._is_absent(row, progress):
                    self.behind_since = row.published_at
                    return False
                place = f"partition {row.partition}, offset {row.offset}"
                gaps.append(Gap("watch.missing-on-topic", row.worker_id, row.version, detail=place))
            if row.previous is not None and row.previous > row.position:
                gaps.append(Gap("watch.out-of-order", row.worker_id, row.version, detail=f"position {row.position}"))
            self.position = row.position
        return True

    def _is_absent(self, row: Placed, progress: Mapping[tuple[str, int], Progress]) -> bool:
        """Whether the place that the stream named is behind the reader, behind the partition's end, or nowhere."""
        here = progress.get((self._topic.name, row.partition))
        if here is None:
            return len(progress) == self._topic.partitions
        return here.next > row.offset or here.end <= row.offset

    def _confirmed(self, partition: int) -> Received | None:
        """The last record of a partition before which everything is confirmed; None if there is no new one."""
        waiting = self._uncommitted[partition]
        last = -1
        while waiting and waiting[0].position is not None and waiting[0].position <= self.position:
            last = waiting.popleft().offset
        if last <= self._committed.get(partition, -1):
            return None
        self._committed[partition] = last
        return Received(self._topic.name, partition, last, "", b"", {})
