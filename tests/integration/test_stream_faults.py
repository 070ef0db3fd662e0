"""What befalls the stream from outside: a full disk, deleted offsets, foreign events, a long outage, wrong clocks."""

from __future__ import annotations

import asyncio
import datetime as dt
import resource
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka.admin import AdminClient

from contracts.events import TYPE_PREFIX
from contracts.topics import WORKER_CHANGED
from gateway.clock import Clock, parse_instant, system_clock
from gateway.errors import Busy
from gateway.intake.pressure import Pressure
from gateway.propagation.wanted import WantedLoop
from gateway.relay.publisher import Relay
from gateway.relay.settings import RelaySettings
from gateway.store.event_log import EventLog
from gateway.store.stream_records import StreamRecords
from gateway.stream.embedded import EmbeddedStream
from gateway.stream.kafka import KafkaSettings, KafkaStream, topics
from gateway.stream.port import StreamRecord
from ops.local.kafka import LocalKafka
from tests.intake_world import submission, world
from tests.integration.relay_world import NOW, add_events, add_workers, read_positions
from tests.kafka_world import own_settings
from tests.propagation_world import World

FIVE_MINUTES = dt.timedelta(minutes=5)
WITHIN_S = 60.0


@pytest.fixture
def town(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.database.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LocalKafka]:
    """A broker of this test alone: what befalls it would befall the others."""
    with LocalKafka(tmp_path / "data") as broker:
        yield broker


def told(worker_id: str, **members: Any) -> bytes:
    return orjson.dumps({"type": f"{TYPE_PREFIX}changed", "sequence": 1, "subject": worker_id, **members})


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xff\xfe no JSON", id="no JSON"),
        pytest.param(b"[]", id="another shape"),
        pytest.param(b"", id="empty"),
        pytest.param(told("x", sequence="one"), id="a sequence that is no number"),
        pytest.param(told("x", specversion="2.0", type="vn.gov.laichau.worker.changed.v9"), id="unknown version"),
    ],
)
async def test_a_poison_record_or_an_unknown_version_blocks_nobody_and_its_person_is_looked_at(
    town: World, body: bytes
) -> None:
    poisoned, behind = town.people.add("012090000001"), town.people.add("012090000002")
    town.stream.put(poisoned, body)
    town.say(behind)
    await town.settle()
    assert [town.state(poisoned), town.state(behind)] == ["settled", "settled"]


async def test_deleted_offsets_are_read_again_from_the_earliest_and_no_target_is_called_twice(
    town: World, broker: LocalKafka
) -> None:
    settings = own_settings(broker.bootstrap_servers)
    await topics.apply(replace(settings, replication=1))
    stream = KafkaStream(settings)
    workers = [town.people.add(f"0120900000{digits:02}") for digits in range(30)]
    await stream.publish([StreamRecord(WORKER_CHANGED.name, one, told(one)) for one in workers])
    group = "propagation.labour_market"

    async def read_everything() -> int:
        consumer = stream.consumer(group, [WORKER_CHANGED.name])
        loop = WantedLoop(town.target, consumer, town.people, town.database, town.clock, town.settings)
        heard = 0
        async with asyncio.timeout(WITHIN_S):
            while heard < len(workers):
                heard += await loop.step()
        await consumer.close()
        await town.sender.drain()
        return heard

    assert await read_everything() == len(workers)
    calls = town.target.counted.copy()
    admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
    deleted = admin.delete_consumer_groups([f"{settings.group_prefix}{group}"])
    await asyncio.gather(*(asyncio.wrap_future(one) for one in deleted.values()))
    assert await read_everything() == len(workers), "all of it, from the earliest"
    assert town.target.counted == calls
    assert {town.state(worker) for worker in workers} == {"settled"}
    await stream.close()


async def test_while_the_brokers_disk_is_full_entries_are_taken_and_events_wait_and_afterwards_all_arrive_in_order(
    broker: LocalKafka, database_url: str
) -> None:
    settings = KafkaSettings(broker.bootstrap_servers, replication=1, request_timeout_s=2)
    await topics.apply(settings)
    with world(database_url) as house:
        stream = KafkaStream(settings)
        relay = Relay(house.database, stream, system_clock, "one", RelaySettings(retry_s_max=0.5))
        await asyncio.to_thread(house.receive, *(submission(at, declared_on="2026-07-01") for at in range(1, 21)))
        assert await relay.drain() == 20
        # For the broker there is no difference: the file system refuses to let a file grow.
        resource.prlimit(broker.pid, resource.RLIMIT_FSIZE, (16_384, 16_384))
        for day in ("2026-07-02", "2026-07-03"):
            job = {"cong_viec_cu_the": f"Việc {day}"}
            changes = [submission(at, declared_on=day, **job) for at in range(1, 21)]
            receipts = await asyncio.to_thread(house.receive, *changes)
            assert {receipt.state for receipt in receipts} == {"accepted"}
            for _ in range(5):
                await relay.drain()
        waiting = EventLog(house.database, system_clock).backlog().events
        assert waiting > 0, "the disk is full, and nobody noticed"
        await asyncio.to_thread(broker.stop)
        await asyncio.to_thread(broker.start)
        async with asyncio.timeout(WITHIN_S):
            while EventLog(house.database, system_clock).backlog().events:
                await relay.drain()
                await asyncio.sleep(0.2)
        log = read_positions(house.database)
        assert [event.position for event in log] == list(range(1, 61))
        seen: dict[str, list[int]] = {}
        for event in log:
            seen.setdefault(event.worker_id, []).append(event.version)
        assert set(map(tuple, seen.values())) == {(1, 2, 3)}
        await stream.close()


async def test_once_an_event_has_waited_beyond_the_bound_entries_are_put_off_and_taken_again_when_it_has_gone(
    town: World,
) -> None:
    begun = parse_instant(NOW)
    now = [begun]
    log = EventLog(town.database, lambda: now[0])
    pressure = Pressure(log, lambda: now[0], pending_age_max_s=600)
    (worker,) = add_workers(town.database, 1)
    await pressure.step()
    pressure.check()
    with town.database.write() as connection:
        add_events(connection, [worker])
    now[0] = begun + dt.timedelta(seconds=500)
    await pressure.step()
    pressure.check()
    now[0] += dt.timedelta(seconds=200)
    await pressure.step()
    with pytest.raises(Busy) as put_off:
        pressure.check()
    assert (put_off.value.code, put_off.value.retry_after_s) == ("stream-behind", 60)
    with town.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM pending")
    await pressure.step()
    pressure.check()


@pytest.mark.parametrize("off", [FIVE_MINUTES, -FIVE_MINUTES], ids=["fast", "slow"])
async def test_a_sender_whose_clock_is_five_minutes_off_leaves_the_newest_view_everywhere(
    town: World, off: dt.timedelta
) -> None:
    workers = [town.people.add(f"0120900000{digits:02}") for digits in range(20)]
    town.target.batch_size_max = 4
    right, wrong = town.sender, town.new_sender()
    wrong._claims._clock = wrong._outcomes._clock = lambda: town.clock() + off
    for job in ("A", "B", "C"):
        for worker in workers:
            town.people.work_as(worker, job)
            town.say(worker)
        await town.wanted.step()
        await asyncio.gather(right.step(), wrong.step())
        await asyncio.gather(right.finish(), wrong.finish())
    for _ in range(10):
        town.clock.go_on(120)
        await right.drain()
        await wrong.drain()
    assert {town.state(worker) for worker in workers} == {"settled"}
    assert {view["viec"] for view in town.target.held.values()} == {"C"}


@pytest.mark.parametrize("off", [FIVE_MINUTES, -FIVE_MINUTES], ids=["fast", "slow"])
async def test_a_relay_whose_clock_is_five_minutes_off_loses_and_inverts_nothing(
    database_url: str, off: dt.timedelta
) -> None:
    with world(database_url) as house:
        stream = EmbeddedStream(StreamRecords(house.database), system_clock)
        limits = RelaySettings(lease_duration_s=0.3, batch_size_max=5)
        clocks: dict[str, Clock] = {"right": system_clock, "wrong": lambda: system_clock() + off}
        relays = [Relay(house.database, stream, clock, name, limits) for name, clock in clocks.items()]
        stop = asyncio.Event()
        running = [asyncio.create_task(relay.run(stop)) for relay in relays]
        for day in ("2026-07-01", "2026-07-02", "2026-07-03"):
            job = {"cong_viec_cu_the": f"Việc {day}"}
            await asyncio.to_thread(house.receive, *(submission(at, declared_on=day, **job) for at in range(1, 31)))
            await asyncio.sleep(0.2)
        log = EventLog(house.database, system_clock)
        async with asyncio.timeout(20):
            while log.backlog().events:  # noqa: ASYNC110 - the relays run on as they would in processes of their own
                await asyncio.sleep(0.05)
        stop.set()
        for one in running:
            with suppress(asyncio.CancelledError):
                await one
        events = read_positions(house.database)
        assert [event.position for event in events] == list(range(1, 91))
        seen: dict[str, list[int]] = {}
        for event in events:
            seen.setdefault(event.worker_id, []).append(event.version)
        assert set(map(tuple, seen.values())) == {(1, 2, 3)}
