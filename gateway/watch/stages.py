"""How long each stage takes: the oldest that waits, and the recent ones; and how far each target has been told.

published   accepted → on the stream, with a position
on_topic    published → read from the topic by the watcher
wanted      published → stored as what a target should hold
applied     wanted → known to be held by the target
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection

from gateway.clock import Clock, parse_instant
from gateway.store import target_gauges, watch_events
from gateway.store.engine import Database
from gateway.store.event_log import EventLog
from gateway.store.watch_events import EVENTS_PER_LOOK_MAX, Passage
from gateway.watch.settings import WatchSettings

StageName: TypeAlias = Literal["published", "on_topic", "wanted", "applied"]
STAGE_NAMES: Final[tuple[StageName, ...]] = ("published", "on_topic", "wanted", "applied")


@dataclass(frozen=True, slots=True)
class StageLag:
    """Seconds. `oldest_s`: of the one that waits longest, 0 when none does; p50, p99 of recent ones, if any."""

    stage: StageName
    oldest_s: float
    p50_s: float | None = None
    p99_s: float | None = None


class Passing:
    """How far every target has been told: what is behind a place that was passed, and was not told, was left out."""

    def __init__(self, settings: WatchSettings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._marks: dict[tuple[str, int], tuple[int, float]] = {}
        self._begun_s = monotonic()

    def note(self, target: str, partition: int, position: int) -> None:
        """The target was told of this one."""
        held = self._marks.get((target, partition))
        if held is None or position > held[0]:
            self._marks[target, partition] = (position, self._monotonic())

    def passed(self, target: str, partition: int, position: int) -> bool:
        """Told of a later one on the same partition; or nothing moved there for longer than the grace."""
        mark = self._marks.get((target, partition))
        if mark is not None and mark[0] > position:
            return True
        moved_s = self._begun_s if mark is None else mark[1]
        return self._monotonic() - moved_s > self._settings.grace_s


class Stages:
    """Blocks on the store: call from a worker thread."""

    def __init__(
        self, database: Database, log: EventLog, clock: Clock, settings: WatchSettings, targets: Sequence[str]
    ) -> None:
        self.passing = Passing(settings)
        self._database = database
        self._log = log
        self._clock = clock
        self._settings = settings
        self._targets = tuple(targets)
        self._told_up_to: int | None = None
        self._untold: dict[int, str] = {}

    def look(self, on_topic_since: str | None) -> list[StageLag]:
        """Every stage now. `on_topic_since`: when the first was published that the watcher has not found yet."""
        backlog = self._log.backlog()
        with self._database.read() as connection:
            last = watch_events.last_position(connection)
            recent = watch_events.placed_after(connection, max(0, last - EVENTS_PER_LOOK_MAX))
            passages = watch_events.passages(connection, [one.position for one in recent], self._targets)
            self._follow(connection)
            oldest_work = target_gauges.oldest_work(connection)
        took: dict[StageName, list[float]] = {
            "published": [_between(one.recorded_at, one.published_at) for one in recent if one.recorded_at],
            "wanted": list(_told(passages)),
            "applied": list(_applied(passages)),
        }
        work = [since for target, since in oldest_work.items() if target in self._targets]
        oldest: dict[StageName, str | None] = {
            "published": backlog.oldest_at,
            "on_topic": on_topic_since,
            "wanted": min(self._untold.values(), default=None),
            "applied": min(work, default=None),
        }
        return [self._lag(stage, oldest[stage], sorted(took.get(stage, ()))) for stage in STAGE_NAMES]

    def _follow(self, connection: Connection) -> None:
        """Note who has been told of what, along the positions; those not told yet are looked at again."""
        if self._told_up_to is None:
            self._told_up_to = max(0, watch_events.last_position(connection) - self._settings.unheard_max)
        again = sorted(self._untold)[:EVENTS_PER_LOOK_MAX]
        self._sort(again, watch_events.passages(connection, again, self._targets), self._untold)
        while len(self._untold) < self._settings.unheard_max:
            rows = watch_events.placed_after(connection, self._told_up_to)
            published = {row.position: row.published_at for row in rows if row.worker_id is not None}
            self._sort(published, watch_events.passages(connection, published, self._targets), published)
            if not rows:
                break
            self._told_up_to = rows[-1].position

    def _sort(self, wanted: Iterable[int], passages: Mapping[int, list[Passage]], published: Mapping[int, str]) -> None:
        for position in list(wanted):
            told = [one for one in passages.get(position, ()) if one.wanted_version >= one.version]
            for one in told:
                assert one.target is not None, "a row of a target"
                self.passing.note(one.target, one.partition, position)
            if len(told) < len(self._targets) and position in passages:
                self._untold[position] = published[position]
            else:
                self._untold.pop(position, None)

    def _lag(self, stage: StageName, oldest: str | None, took: Sequence[float]) -> StageLag:
        oldest_s = (
            0.0 if oldest is None else max(0.0, (self._clock() - parse_instant(oldest)) / dt.timedelta(seconds=1))
        )
        if not took:
            return StageLag(stage, round(oldest_s, 3))
        return StageLag(stage, round(oldest_s, 3), _quantile(took, 0.5), _quantile(took, 0.99))


def _told(passages: Mapping[int, list[Passage]]) -> Iterable[float]:
    for rows in passages.values():
        for one in rows:
            if one.wanted_version == one.version and one.wanted_at is not None:
                yield _between(one.published_at, one.wanted_at)


def _applied(passages: Mapping[int, list[Passage]]) -> Iterable[float]:
    for rows in passages.values():
        for one in rows:
            if one.settled and one.wanted_version == one.version and one.wanted_at and one.applied_at:
                yield _between(one.wanted_at, one.applied_at)


def _between(earlier: str, later: str) -> float:
    return max(0.0, (parse_instant(later) - parse_instant(earlier)) / dt.timedelta(seconds=1))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)
