"""The watcher names each thing that is not where it should be, and nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import orjson
import pytest
from sqlalchemy import delete, select, update

from gateway.clock import system_clock
from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from gateway.store.schema import events, pending, target_states
from gateway.store.stream_records import StreamRecords
from gateway.stream import embedded
from gateway.stream.embedded import EmbeddedStream
from gateway.stream.kafka import KafkaStream, publisher
from gateway.stream.partitioner import partition_of
from gateway.stream.port import Outcome, Published, StreamRecord
from gateway.watch.watcher import Watcher
from tests.integration.watch_world import GRACE_S, Renamed, WatchWorld
from tests.kafka_world import make, own_settings, own_topic, remove

PEOPLE = 30


@pytest.fixture(params=["embedded", "kafka"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[WatchWorld]:
    """SQLite with the stream in it, and PostgreSQL with a real Kafka."""
    if request.param == "embedded":
        url = request.getfixturevalue("sqlite_url")
        upgrade(url)
        database = Database(url)
        yield WatchWorld(database, EmbeddedStream(StreamRecords(database), system_clock))
        database.close()
        return
    url, address = request.getfixturevalue("postgres_url"), request.getfixturevalue("kafka_address")
    upgrade(url)
    database, topic = Database(url), own_topic()
    await make(address, [topic])
    stream = KafkaStream(own_settings(address), [topic])
    yield WatchWorld(database, Renamed(stream, topic))
    await stream.close()
    database.close()
    await remove(address, [topic])


async def healthy(world: WatchWorld) -> list[str]:
    """People whose versions are all where they should be."""
    people = world.people(PEOPLE)
    await world.relay()
    world.settle()
    return people


async def test_a_healthy_house_has_no_alarm_and_is_whole(world: WatchWorld) -> None:
    await healthy(world)
    await world.watch_quietly()
    assert world.gaps() == []
    report = await world.pass_over_everything()
    assert (report.gaps, report.people, report.positions) == ([], PEOPLE, world.last_position())


async def test_restarts_of_relay_and_watcher_raise_no_alarm(world: WatchWorld) -> None:
    people = await healthy(world)
    await world.watch(lambda: world.position() == world.last_position())
    for worker_id in people:
        world.change(worker_id)
    world.stream.after.append(_killed)
    with pytest.raises(_Killed):
        await world.relay()
    # Copies are on the topic, and no position says so. The watcher stops with them in hand, and another begins.
    await world.watch(lambda: True, seconds=0.3)
    await _until_lease_ends(world)
    world.settle()
    await world.watch_quietly()
    assert world.gaps() == []
    assert world.position() == world.last_position()


async def test_what_is_on_its_way_is_no_gap_inside_the_grace(world: WatchWorld) -> None:
    await healthy(world)
    world.person()
    await world.watch(lambda: True, seconds=0.5 * GRACE_S)
    await world.relay()
    assert world.gaps() == []
    world.settle()
    await world.watch_quietly()
    assert world.gaps() == []


async def test_a_deleted_event_is_a_gap_in_the_store(world: WatchWorld) -> None:
    people = await healthy(world)
    await world.watch(lambda: world.position() == world.last_position())
    world.execute(delete(events).where(events.c.worker_id == people[2], events.c.version == 2))
    await world.watch(lambda: bool(world.gaps()))
    assert world.gaps() == [("watch.gap-in-store", people[2], 2)]
    report = await world.pass_over_everything()
    assert ("watch.gap-in-store", people[2], 2) in [(gap.alarm, gap.worker_id, gap.version) for gap in report.gaps]


async def test_an_event_that_left_the_queue_unpublished_is_named(world: WatchWorld) -> None:
    await healthy(world)
    lost = world.person()
    world.execute(delete(pending).where(pending.c.worker_id == lost))
    world.settle()
    await world.watch(lambda: bool(world.gaps()))
    assert world.gaps() == [("watch.not-published", lost, None)]


async def test_events_that_nobody_relays_are_named_after_the_grace_and_forgiven_when_they_move(
    world: WatchWorld,
) -> None:
    world.person()
    world.settle()
    await world.watch(lambda: world.alarms() == {"watch.relay-behind"})
    await world.relay()
    await world.watch(lambda: world.gaps() == [])


async def test_a_relay_that_writes_events_anew_is_seen(world: WatchWorld) -> None:
    await healthy(world)
    world.stream.inner = _Rewriting(world.stream.inner)  # type: ignore[assignment]  # as much as a relay needs
    person = world.person()
    await world.relay()
    world.settle()
    await world.watch(lambda: bool(world.gaps()))
    assert world.gaps() == [("watch.wrong-bytes", person, 1)]


async def test_a_random_partition_is_seen(world: WatchWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    await healthy(world)
    for module in (embedded, publisher):
        monkeypatch.setattr(module, "partition_of", lambda key, count: (partition_of(key, count) + 1) % count)
    person = world.person()
    await world.relay()
    world.settle()
    await world.watch(lambda: bool(world.gaps()))
    assert world.gaps() == [("watch.wrong-partition", person, 1)]


async def test_an_event_that_the_topic_never_got_is_seen(world: WatchWorld) -> None:
    await healthy(world)
    lost = world.person()
    # Acknowledged by nobody: settled before the stream had it.
    world.stream.refuse[lost] = Published(partition_of(lost, 12), 5_000)
    await world.relay()
    world.settle()
    world.stream.refuse.clear()
    world.person()
    await world.relay()
    world.settle()
    await world.watch(lambda: bool(world.gaps()))
    assert world.gaps() == [("watch.missing-on-topic", lost, 1)]
    await world.watch(lambda: world.position() == world.last_position())
    report = await world.pass_over_everything()
    assert [(gap.alarm, gap.worker_id) for gap in report.gaps] == [("watch.missing-on-topic", lost)]


async def test_a_version_that_overtakes_the_one_before_is_seen(world: WatchWorld) -> None:
    await healthy(world)
    person = world.person(2)
    first = select(events.c.id).where(events.c.worker_id == person, events.c.version == 1).scalar_subquery()
    world.execute(delete(pending).where(pending.c.id == first))
    await world.relay()
    with world.database.write() as connection:
        row = connection.execute(select(first)).scalar_one()
        connection.execute(pending.insert(), {"id": row, "worker_id": person})
    await world.relay()
    world.settle()
    await world.watch(lambda: bool(world.gaps()))
    assert world.gaps() == [("watch.out-of-order", person, 2)]


async def test_a_record_of_somebody_else_is_seen(world: WatchWorld) -> None:
    await healthy(world)
    body = orjson.dumps({"subject": "7e3d2a52-0000-4000-8000-000000000001", "sequence": 1})
    await world.stream.publish([StreamRecord("lgsp.worker.changed.v1", "7e3d2a52-0000-4000-8000-000000000001", body)])
    await world.watch(lambda: bool(world.gaps()))
    assert world.alarms() == {"watch.unknown-record"}


@pytest.mark.parametrize("state", ["settled", "parked"])
async def test_a_row_of_a_target_that_is_gone_is_named_and_forgiven_when_it_is_back(
    world: WatchWorld, state: str
) -> None:
    people = await healthy(world)
    world.settle(state=state)
    world.execute(delete(target_states).where(target_states.c.worker_id == people[7], target_states.c.target == TARGET))
    await world.watch(lambda: bool(world.gaps()))
    assert world.gaps() == [("watch.target-missing", people[7], None)]
    report = await world.pass_over_everything()
    assert [(gap.alarm, gap.worker_id, gap.target) for gap in report.gaps] == [
        ("watch.target-missing", people[7], TARGET)
    ]
    world.settle()
    await world.watch(lambda: world.gaps() == [])


async def test_a_target_that_was_not_told_of_the_newest_version_is_named(world: WatchWorld) -> None:
    people = await healthy(world)
    world.change(people[0])
    await world.relay()
    await world.watch(lambda: bool(world.gaps()))
    assert set(world.gaps()) == {("watch.target-missing", people[0], None)}


async def test_a_row_settled_with_an_older_view_is_named(world: WatchWorld) -> None:
    people = await healthy(world)
    here = (target_states.c.worker_id == people[4], target_states.c.target == TARGET)
    world.execute(update(target_states).where(*here).values(applied_hash=b"older"))
    await world.watch(lambda: bool(world.gaps()))
    assert world.gaps() == [("watch.target-stale", people[4], None)]


async def test_a_full_pass_holds_settled_rows_against_the_record_as_it_stands(world: WatchWorld) -> None:
    people = await healthy(world)
    report = await world.pass_over_everything({(people[0], TARGET): (1, b"what the record asks for now")})
    assert [(gap.alarm, gap.worker_id) for gap in report.gaps] == [("watch.target-stale", people[0])]


async def test_work_that_stands_still_for_no_reason_is_named_and_a_cause_is_a_reason(world: WatchWorld) -> None:
    await healthy(world)
    world.settle(state="due")
    await world.watch_quietly()
    assert world.gaps() == []
    world.execute(update(target_states).values(cause=None))
    await world.watch(lambda: world.alarms() == {"watch.target-behind"})
    world.settle()
    await world.watch(lambda: world.gaps() == [])


async def test_of_two_watchers_one_works_and_the_other_takes_over(world: WatchWorld) -> None:
    await healthy(world)
    first, second = asyncio.Event(), asyncio.Event()
    one, other = world.watcher("one"), world.watcher("other")
    running = asyncio.create_task(one.run(first))
    await _seen(one)
    waiting = asyncio.create_task(other.run(second))
    await asyncio.sleep(1.5)
    assert other.lags == []
    first.set()
    await running
    await _seen(other)
    second.set()
    await waiting
    assert world.gaps() == []


TARGET = "labour_market"


async def _seen(watcher: Watcher) -> None:
    deadline_s = time.monotonic() + 15
    while not watcher.lags:
        assert time.monotonic() < deadline_s, "nothing was seen"
        await asyncio.sleep(0.02)


class _Killed(BaseException):
    """What a process that is killed here never gets to see."""


def _killed() -> None:
    raise _Killed


async def _until_lease_ends(world: WatchWorld) -> None:
    async with asyncio.timeout(15):
        before = world.last_position()
        while world.last_position() == before:
            await world.relay()
            await asyncio.sleep(0.2)


class _Rewriting:
    """A stream whose publisher writes every event anew."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    async def publish(self, records: list[StreamRecord]) -> list[Outcome]:
        anew = [
            StreamRecord(one.topic, one.key, orjson.dumps(orjson.loads(one.body), option=orjson.OPT_INDENT_2))
            for one in records
        ]
        return await self._inner.publish(anew)  # type: ignore[attr-defined,no-any-return]  # the stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)
