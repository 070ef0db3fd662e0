"""Whatever is lost, late, repeated or stopped half-way: at rest the target holds the newest view, and we know it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.capture.echoes import Heard, judge
from gateway.clock import instant
from gateway.store import target_states as steps
from gateway.store.target_states import Applied, TargetRow, Wanted
from gateway.store.target_writes import Write

LEASE_S = 60
START = dt.datetime(2026, 7, 5, tzinfo=dt.UTC)


@dataclass
class Call:
    """A call on its way: it may land at any time from now on, its process may be told or not."""

    epoch: int
    version: int
    view: bytes
    landed: bool = False


class Simulation:
    """One person, one target, one feed; time goes on by a second with everything that happens."""

    def __init__(self) -> None:
        self.seconds = 0
        self.version, self.view = 1, b"v0"
        self.row: TargetRow | None = None
        self.held: bytes | None = None
        self.writes: list[Write] = []
        self.next_write = 1
        self.feed: list[bytes] = []
        self.heard = 0
        self.waiting: list[Call] = []
        self.flying: list[Call] = []
        self.reading: tuple[int, bytes | None] | None = None
        self.told = 1

    def at(self, later_s: int = 0) -> str:
        return instant(START + dt.timedelta(seconds=self.seconds + later_s))

    def do(self, operation: int, choice: int) -> None:
        self.seconds += 1
        (
            self.change,
            self.event,
            self.take,
            self.land,
            self.answer,
            self.crash,
            self.listen,
            self.read,
            self.late_event,
        )[operation](choice)

    def change(self, choice: int) -> None:
        self.version, self.view = self.version + 1, b"v%d" % (choice % 3)

    def event(self, _choice: int) -> None:
        self.told = self.version
        wanted = Wanted("w", self.version, self.view, "due")
        self.row = (
            steps.first("t", wanted, self.at())
            if self.row is None
            else self.step(steps.raised(self.row, wanted, self.at()))
        )

    def late_event(self, _choice: int) -> None:
        if self.row is not None:
            self.row = self.step(steps.raised(self.row, Wanted("w", 1, b"v0", "due"), self.at()))

    def take(self, _choice: int) -> None:
        if self.row is None:
            return
        self.row = self.step(steps.expired(self.row, self.at()))
        wanted = Wanted("w", self.version, self.view, "due")
        taken = steps.claimed(self.row, wanted, self.at(), self.at(LEASE_S))
        if taken is not None and taken.state == "sending":
            call = Call(taken.lease_epoch, self.version, self.view)
            self.waiting.append(call)
            self.flying.append(call)
            self.writes.append(Write(self.next_write, self.view))
            self.next_write += 1
        self.row = self.step(taken)
        reading = steps.claimed_for_reading(self.row, wanted, self.at(), self.at(LEASE_S))
        if reading is not None:
            self.row, self.reading = reading, (reading.lease_epoch, self.held)

    def land(self, choice: int) -> None:
        if self.flying:
            call = self.flying.pop(choice % len(self.flying))
            call.landed = True
            self.hold(call.view)

    def hold(self, view: bytes) -> None:
        if self.held != view:
            self.held = view
            self.feed.append(view)

    def answer(self, choice: int) -> None:
        if not self.waiting or self.row is None:
            return
        call = self.waiting.pop(choice % len(self.waiting))
        if call.landed:
            after = steps.delivered(self.row, call.epoch, Applied(call.version, call.view, None, None), self.at())
        else:  # a timeout; it may land yet
            after = steps.postponed(self.row, call.epoch, "timeout", self.at(), self.at(1), 1)
        self.row = self.step(after)

    def crash(self, _choice: int) -> None:
        self.waiting.clear()
        self.reading = None
        self.seconds += LEASE_S + 1

    def read(self, _choice: int) -> None:
        if self.reading is not None and self.row is not None:
            epoch, held = self.reading
            self.row = self.step(steps.read_back(self.row, epoch, Applied(0, held, None, None), self.at()))
            self.reading = None

    def listen(self, _choice: int) -> None:
        reports = [Heard(str(place), view) for place, view in enumerate(self.feed)][self.heard :]
        self.heard = len(self.feed)
        judged = judge(reports, self.writes, self.row, ())
        self.writes = [
            replace(write, passed_over=write.passed_over or write.id in judged.passed_over)
            for write in self.writes
            if write.id not in judged.echoed
        ]
        if judged.late and self.row is not None:
            self.row = self.step(steps.echoed_late(self.row, self.at()))
        for change_id in judged.news:
            self.row = self.step(reported(self.row, self.feed[int(change_id)], self.at()))

    def step(self, after: TargetRow | None) -> TargetRow:
        row = after or self.row
        assert row is not None
        return row

    def come_to_rest(self) -> None:
        while self.flying:
            self.land(0)
        self.crash(0)
        for _ in range(12):
            self.seconds += 5
            for operation in (self.event, self.listen, self.take, self.land, self.answer, self.read):
                operation(0)


def reported(row: TargetRow | None, held: bytes, at: str) -> TargetRow | None:
    """What intake stores of a report that precedence does not follow (store/reported.py)."""
    if row is None:
        return None
    known = replace(row, applied_hash=held, applied_at=at, next_attempt_at=at)
    if row.state == "sending":
        return replace(known, state="unknown", lease_epoch=row.lease_epoch + 1)
    if row.state == "unknown":
        return known
    return replace(known, state="settled" if row.wanted_hash == held else "due")


def played(operations: list[tuple[int, int]]) -> Simulation:
    simulation = Simulation()
    for operation, choice in operations:
        simulation.do(operation, choice)
    simulation.come_to_rest()
    return simulation


CHANGE, EVENT, TAKE, LAND, ANSWER, CRASH, LISTEN, READ = range(8)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5)), max_size=40))
@example([(EVENT, 0), (TAKE, 0), (LAND, 0), (ANSWER, 0), (LISTEN, 0)])
@example(
    [(EVENT, 0), (TAKE, 0), (ANSWER, 0), (0, 1), (EVENT, 0), (TAKE, 0), (TAKE, 0), (LAND, 1), (ANSWER, 0), (LAND, 0)]
)
@example([(EVENT, 0), (TAKE, 0), (CRASH, 0), (0, 1), (EVENT, 0), (TAKE, 0), (8, 0), (TAKE, 0), (LAND, 1), (LAND, 0)])
@example(
    # The second call lands after the target was read back, and the record has gone back to its first view meanwhile.
    [
        *((EVENT, 0), (TAKE, 0), (LAND, 0), (CHANGE, 1), (EVENT, 0), (ANSWER, 0), (TAKE, 0)),
        *((CHANGE, 0), (CRASH, 0), (TAKE, 0), (READ, 0)),
    ]
)
def test_at_rest_the_target_holds_the_newest_view_and_we_know_it(operations: list[tuple[int, int]]) -> None:
    simulation = played(operations)
    assert simulation.row is not None
    assert simulation.held == simulation.view
    assert (simulation.row.state, simulation.row.applied_hash) == ("settled", simulation.view)
    assert simulation.row.applied_version == simulation.row.wanted_version == simulation.version
