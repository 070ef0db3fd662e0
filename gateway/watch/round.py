"""Everybody in turn, a page at a time: a round that begins again when it has come to the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from gateway.clock import Clock, instant
from gateway.store import watch_events, watch_people
from gateway.store.engine import Database
from gateway.store.watch_people import Standing, TargetStanding
from gateway.watch.alarms import Gap
from gateway.watch.people import Suspicion, at_targets, in_store
from gateway.watch.settings import WatchSettings

Passed: TypeAlias = Callable[[str, int, int], bool]
"""(target, partition, position) -> whether whoever tells the target is past that place, or stands still."""
Views: TypeAlias = Callable[[Sequence[str]], Mapping[tuple[str, str], tuple[int, bytes | None]]]
"""Worker ids -> (worker id, target) -> version of the record, and hash of the view that it asks for now. Blocks."""


class PeopleRound:
    """Blocks on the store: call from a worker thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: WatchSettings,
        targets: Sequence[str],
        passed: Passed,
        views: Views | None = None,
        suspects_after_s: float | None = None,
    ) -> None:
        """`views`: each settled row is held against the record as it is projected now, which costs far more.

        `suspects_after_s`: how long after a change its targets may be untold; default: the grace.
        """
        self._database = database
        self._clock = clock
        self._targets = tuple(targets)
        self._passed = passed
        self._views = views
        self._suspects_after_s = settings.grace_s if suspects_after_s is None else suspects_after_s
        self._after: str | None = None
        self._suspicions: dict[tuple[str, str], Suspicion] = {}
        self.people = 0
        """Of this round so far."""
        self.found: set[tuple[str, str]] = set()
        """(alarm, subject) of everything that this round has found."""

    @property
    def suspicions(self) -> int:
        """How many are not certain yet."""
        return len(self._suspicions)

    def begin(self) -> None:
        """The next round."""
        self._after, self.people = None, 0
        self.found = set()

    def step(self) -> tuple[list[Gap], bool]:
        """One page, and what became of suspicions: gaps, and whether that was the last page."""
        with self._database.read() as connection:
            people = watch_people.page(connection, self._after)
            rows = watch_people.at_targets(connection, [one.worker_id for one in people], self._targets)
        gaps = self._judge(people, rows)
        gaps += self.settle_suspicions()
        if self._views is not None:
            gaps += self._against_views(self._views, rows)
        self.people += len(people)
        self.found |= {(gap.alarm, gap.subject) for gap in gaps}
        if people:
            self._after = people[-1].worker_id
        return gaps, len(people) < watch_people.PEOPLE_PER_LOOK_MAX

    def settle_suspicions(self) -> list[Gap]:
        """Drop those who are told meanwhile; certain are those whom whoever tells the target has passed by."""
        if not self._suspicions:
            return []
        held, self._suspicions = self._suspicions, {}
        ids = sorted({worker_id for worker_id, _ in held})
        gaps: list[Gap] = []
        for start in range(0, len(ids), watch_people.PEOPLE_PER_LOOK_MAX):
            part = ids[start : start + watch_people.PEOPLE_PER_LOOK_MAX]
            with self._database.read() as connection:
                rows = watch_people.at_targets(connection, part, self._targets)
                wanted = {(one.worker_id, one.version) for one in held.values() if one.worker_id in set(part)}
                places = watch_events.positions_of(connection, wanted)
            for key, one in held.items():
                row = rows.get(key)
                if one.worker_id not in part or (row is not None and row.wanted_version >= one.version):
                    continue
                place = places.get((one.worker_id, one.version))
                if place is not None and self._passed(one.target, place[1], place[0]):
                    gaps.append(one.gap())
                elif place is not None:
                    self._suspicions[key] = one
        self.found |= {(gap.alarm, gap.subject) for gap in gaps}
        return gaps

    def _judge(self, people: Sequence[Standing], rows: Mapping[tuple[str, str], TargetStanding]) -> list[Gap]:
        before = instant(self._clock() - dt.timedelta(seconds=self._suspects_after_s))
        gaps: list[Gap] = []
        for person in people:
            if person.events != person.version or person.newest != person.version:
                with self._database.read() as connection:
                    present = sorted(watch_people.present_versions(connection, person.worker_id))
                gaps += in_store(person, present)
            else:
                gaps += in_store(person)
            for one in at_targets(person, rows, self._targets, before):
                if isinstance(one, Gap):
                    gaps.append(one)
                else:
                    self._suspicions[one.worker_id, one.target] = one
        return gaps

    def _against_views(self, views: Views, rows: Mapping[tuple[str, str], TargetStanding]) -> list[Gap]:
        settled = [row for row in rows.values() if row.state == "settled"]
        wanted = views(sorted({row.worker_id for row in settled}))
        return [
            Gap("watch.target-stale", row.worker_id, None, row.target, f"not the record's version {row.wanted_version}")
            for row in settled
            if (asked := wanted.get((row.worker_id, row.target))) is not None
            # A record that has moved on since the row was read is judged the next time.
            and asked[0] == row.wanted_version
            and asked[1] != row.applied_hash
        ]
