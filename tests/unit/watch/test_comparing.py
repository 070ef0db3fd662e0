"""What the watcher makes of a record, a person, a queue: pure, one thing wrong at a time."""

from __future__ import annotations

import uuid

import orjson
import pytest

from contracts.topics import WORKER_CHANGED
from gateway.store.watch_events import LoggedEvent
from gateway.store.watch_people import Standing, TargetStanding
from gateway.stream.partitioner import partition_of
from gateway.stream.port import Received
from gateway.watch.alarms import FROM_PEOPLE, FROM_RECORDS, STAGES, STANDING_STILL, Gap
from gateway.watch.people import Suspicion, at_targets, in_store
from gateway.watch.records import Arrived, arrived, compare, out_of_order
from gateway.watch.settings import WatchSettings
from gateway.watch.stages import Passing
from gateway.watch.standstill import Heads

WHO = "0f4b8a52-6f5d-4c67-9e05-3f1d7e1a2b3c"
BODY = orjson.dumps({"subject": WHO, "sequence": 2})
PARTITION = partition_of(WHO, WORKER_CHANGED.partitions)
STORED = LoggedEvent(BODY, position=7, previous=6)


def record(body: bytes = BODY, key: str = WHO, partition: int = PARTITION) -> Arrived:
    return arrived(Received(WORKER_CHANGED.name, partition, 40, key, body, {}))


def names(gaps: object) -> list[str]:
    return [gap.alarm for gap in gaps]  # type: ignore[attr-defined]  # any iterable of gaps


def test_a_record_as_it_was_stored_is_well() -> None:
    assert names(compare(record(), STORED, WORKER_CHANGED.partitions)) == []


@pytest.mark.parametrize(
    ("wrong", "stored", "alarm"),
    [
        (record(), LoggedEvent(BODY + b" ", 7, 6), "watch.wrong-bytes"),
        (record(key=str(uuid.UUID(int=1))), STORED, "watch.wrong-key"),
        (record(partition=(PARTITION + 1) % 12), STORED, "watch.wrong-partition"),
        (record(), None, "watch.unknown-record"),
        (record(body=b"{}"), None, "watch.unknown-record"),
        (record(body=b"\xff"), None, "watch.unknown-record"),
    ],
)
def test_each_thing_that_is_wrong_with_a_record_has_its_name(
    wrong: Arrived, stored: LoggedEvent | None, alarm: str
) -> None:
    assert names(compare(wrong, stored, WORKER_CHANGED.partitions)) == [alarm]


@pytest.mark.parametrize(
    ("seen", "is_wrong"),
    [
        (set(), True),
        ({(WHO, 1)}, False),
        ({(WHO, 2)}, False),  # a repeat
    ],
)
def test_a_version_comes_after_the_one_before_it(seen: set[tuple[str, int]], is_wrong: bool) -> None:
    gap = out_of_order(record(), STORED, lambda event, _position: event in seen)
    assert (gap is not None) == is_wrong


def test_the_first_version_follows_nothing() -> None:
    first = record(orjson.dumps({"subject": WHO, "sequence": 1}))
    assert out_of_order(first, LoggedEvent(b"", 1, None), lambda _event, _position: False) is None


@pytest.mark.parametrize(
    ("person", "alarms"),
    [
        (Standing(WHO, 3, "", events=3, newest=3, unplaced=0), []),
        (Standing(WHO, 3, "", events=2, newest=3, unplaced=0), ["watch.gap-in-store"]),
        (Standing(WHO, 3, "", events=3, newest=4, unplaced=0), ["watch.gap-in-store"]),
        (Standing(WHO, 2, "", events=3, newest=3, unplaced=0), ["watch.gap-in-store"]),
        (Standing(WHO, 1, "", events=0, newest=0, unplaced=0), ["watch.gap-in-store"]),
        (Standing(WHO, 3, "", events=3, newest=3, unplaced=1), ["watch.not-published"]),
    ],
)
def test_a_record_and_its_events_agree(person: Standing, alarms: list[str]) -> None:
    assert names(in_store(person)) == alarms


def test_a_missing_version_is_named() -> None:
    (gap,) = in_store(Standing(WHO, 3, "", events=2, newest=3, unplaced=0), [1, 3])
    assert (gap.version, gap.subject) == (2, f"{WHO}/2")


def row(state: str, wanted: int, *, equal: bool = True) -> TargetStanding:
    return TargetStanding(WHO, "population", state, wanted, "", wanted, equal, None, None)


@pytest.mark.parametrize(
    ("held", "found"),
    [
        (row("settled", 3), []),
        (row("not_concerned", 1), []),
        (row("waiting_for_identity", 3), []),
        (row("parked", 3), []),
        (row("due", 3), []),
        (row("settled", 3, equal=False), [Gap]),
        (row("settled", 2), [Suspicion]),
        (row("parked", 2), [Suspicion]),
        (None, [Suspicion]),
    ],
)
def test_a_target_is_told_of_every_version(held: TargetStanding | None, found: list[type]) -> None:
    rows = {} if held is None else {(WHO, "population"): held}
    person = Standing(WHO, 3, "2026-07-05", 3, 3, 0)
    assert [type(one) for one in at_targets(person, rows, ["population"], "2026-07-06")] == found


def test_what_is_younger_than_the_grace_may_be_on_its_way() -> None:
    person = Standing(WHO, 3, "2026-07-07", 3, 3, 0)
    assert list(at_targets(person, {}, ["population"], "2026-07-06")) == []


def test_a_queue_whose_head_moves_is_long_and_not_stuck() -> None:
    now = [0.0]
    heads = Heads(10.0, lambda: now[0])
    for second in range(0, 60, 5):
        now[0] = float(second)
        assert heads.stuck({"moving": str(second), "still": "one"} if second < 30 else {"moving": str(second)}) == (
            ["still"] if 10 < second < 30 else []
        )


def test_a_place_is_passed_when_a_later_one_was_told_or_nothing_moves() -> None:
    now = [0.0]
    passing = Passing(WatchSettings(grace_s=10.0), lambda: now[0])
    passing.note("population", 3, 50)
    assert passing.passed("population", 3, 49)
    assert not passing.passed("population", 3, 51)
    assert not passing.passed("population", 4, 49)
    now[0] = 11.0
    assert passing.passed("population", 3, 51)
    passing.note("population", 3, 51)
    assert not passing.passed("population", 3, 52)


def test_every_alarm_belongs_to_one_way_of_looking() -> None:
    ways = [*FROM_PEOPLE, *FROM_RECORDS, *STANDING_STILL]
    assert sorted(ways) == sorted(STAGES)
