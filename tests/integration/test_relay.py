"""The relay against real databases: leases, failures, restarts."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Iterator

import pytest
import structlog

from gateway.clock import system_clock
from gateway.relay.publisher import Relay
from gateway.relay.settings import LEASE_NAME, RelaySettings
from gateway.store.engine import Database
from gateway.store.event_log import EventLog, SentEvent
from gateway.store.leases import LeaseLost, Leases
from gateway.store.migrations import upgrade
from gateway.store.stream_records import StreamRecords
from gateway.stream.embedded import EmbeddedStream
from gateway.stream.port import PublishFailed
from tests.integration.relay_world import (
    NOW,
    StreamWithFaults,
    add_events,
    add_workers,
    assert_positions_hold,
    examine,
    read_positions,
    read_stream,
    stored_events,
)

SETTINGS = RelaySettings(lease_duration_s=5.0, batch_size_max=10, retry_s_min=0.01, retry_s_max=0.02)


class SetClock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = system_clock()

    def __call__(self) -> dt.datetime:
        return self.now


class Killed(BaseException):
    """What a process that is killed here never gets to see."""


def kill() -> None:
    raise Killed


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    upgrade(database_url)
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def worker_ids(database: Database) -> list[str]:
    return add_workers(database, 7)


@pytest.fixture
def stream(database: Database, clock: SetClock) -> StreamWithFaults:
    return StreamWithFaults(EmbeddedStream(StreamRecords(database), clock))


def change(database: Database, worker_ids: list[str], times: int = 1) -> None:
    for _ in range(times):
        with database.write() as connection:
            add_events(connection, worker_ids)


async def assert_all_held(database: Database, stream: StreamWithFaults) -> int:
    """Answers the number of copies on the stream."""
    received = await read_stream(stream)
    findings = examine(received, stored_events(database))
    assert (findings.lost, findings.phantom, findings.inverted, findings.differing_copies) == ([], [], [], [])
    assert_positions_hold(database, received)
    return findings.copies


async def test_what_is_pending_gets_on_the_stream_and_a_position(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    change(database, worker_ids, times=5)
    assert EventLog(database, clock).backlog().events == 35
    assert EventLog(database, clock).backlog().oldest_at == NOW
    relay = Relay(database, stream, clock, "one", SETTINGS)
    assert await relay.drain() == 35
    assert await relay.drain() == 0
    assert await assert_all_held(database, stream) == 0
    assert EventLog(database, clock).backlog().events == 0
    assert EventLog(database, clock).backlog().oldest_at is None
    assert EventLog(database, clock).last_position() == 35


async def test_one_workers_events_can_be_read_by_position(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    change(database, worker_ids, times=3)
    await Relay(database, stream, clock, "one", SETTINGS).drain()
    found = EventLog(database, clock).after(7, 10, worker_ids[2])
    assert [(event.worker_id, event.version) for event in found] == [(worker_ids[2], 2), (worker_ids[2], 3)]


async def test_while_another_has_the_lease_a_relay_waits_and_then_takes_over(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    change(database, worker_ids)
    await Relay(database, stream, clock, "dead", SETTINGS).drain()
    change(database, worker_ids)
    heir = Relay(database, stream, clock, "heir", SETTINGS)
    assert await heir.drain() == 0
    clock.now += dt.timedelta(seconds=SETTINGS.lease_duration_s + 0.1)
    assert await heir.drain() == 7
    assert await assert_all_held(database, stream) == 0


async def test_a_relay_that_lost_its_lease_sends_nothing_more(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    stale = Relay(database, stream, clock, "stale", SETTINGS)
    change(database, worker_ids)
    await stale.drain()
    ahead = SetClock()
    ahead.now += dt.timedelta(seconds=300)
    assert Leases(database, ahead).take(LEASE_NAME, "other", 60) is not None
    change(database, worker_ids)
    assert await stale.drain() == 0
    assert stream.published == 7


def test_positions_are_refused_under_a_lost_lease(database: Database, clock: SetClock, worker_ids: list[str]) -> None:
    change(database, worker_ids)
    leases, log = Leases(database, clock), EventLog(database, clock)
    stale = leases.take(LEASE_NAME, "stale", 1)
    assert stale is not None
    clock.now += dt.timedelta(seconds=2)
    assert leases.take(LEASE_NAME, "other", 1) is not None
    sent = [SentEvent(event.row, 0, event.row) for event in log.pending(100)]
    with pytest.raises(LeaseLost):
        log.settle(leases, stale, sent, 1)
    assert log.last_position() == 0
    assert len(log.pending(100)) == 7


def test_a_row_settled_before_gets_no_second_position(
    database: Database, clock: SetClock, worker_ids: list[str]
) -> None:
    change(database, worker_ids)
    leases, log = Leases(database, clock), EventLog(database, clock)
    lease = leases.take(LEASE_NAME, "one", 60)
    assert lease is not None
    sent = [SentEvent(event.row, 0, event.row) for event in log.pending(100)]
    assert log.settle(leases, lease, sent[:4], 60) == 4
    assert log.settle(leases, lease, sent, 60) == 3
    assert [event.position for event in read_positions(database)] == list(range(1, 8))


def test_the_epoch_rises_with_every_holder_and_a_lease_in_force_is_not_given(
    database: Database, clock: SetClock
) -> None:
    leases = Leases(database, clock)
    first = leases.take("name", "a", 5)
    assert first is not None
    assert leases.take("name", "b", 5) is None
    assert leases.take("name", "a", 5) is None
    leases.renew(first, 10)
    clock.now += dt.timedelta(seconds=6)
    assert leases.take("name", "b", 5) is None
    assert leases.is_held(first)
    leases.release(first)
    second = leases.take("name", "b", 5)
    assert second is not None
    assert second.epoch > first.epoch
    assert not leases.is_held(first)
    leases.release(first)
    assert leases.is_held(second)


def test_an_expired_lease_that_nobody_took_can_be_renewed(database: Database, clock: SetClock) -> None:
    leases = Leases(database, clock)
    lease = leases.take("name", "a", 5)
    assert lease is not None
    clock.now += dt.timedelta(seconds=6)
    assert not leases.is_held(lease)
    leases.renew(lease, 5)
    assert leases.is_held(lease)


async def test_killed_between_the_send_and_the_positions_it_repeats_the_same_bytes(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    change(database, worker_ids, times=2)
    stream.after.append(kill)
    with pytest.raises(Killed):
        await Relay(database, stream, clock, "killed", SETTINGS).drain()
    clock.now += dt.timedelta(seconds=6)
    assert await Relay(database, stream, clock, "heir", SETTINGS).drain() == 14
    assert await assert_all_held(database, stream) == 10


async def test_killed_before_the_send_it_repeats_nothing(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    change(database, worker_ids)
    stream.before.append(kill)
    with pytest.raises(Killed):
        await Relay(database, stream, clock, "killed", SETTINGS).drain()
    clock.now += dt.timedelta(seconds=6)
    assert await Relay(database, stream, clock, "heir", SETTINGS).drain() == 7
    assert await assert_all_held(database, stream) == 0


async def test_a_worker_whose_event_fails_waits_and_nobody_else_does(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    change(database, worker_ids, times=5)
    ill = worker_ids[3]
    stream.refuse[ill] = PublishFailed("record_too_large")
    relay = Relay(database, stream, clock, "one", SETTINGS)
    assert await asyncio.wait_for(relay.drain(), 20) == 30
    assert {event.worker_id for event in EventLog(database, clock).pending(100)} == {ill}
    stream.refuse.clear()
    await asyncio.sleep(SETTINGS.retry_s_max * 2)
    assert await relay.drain() == 5
    assert await assert_all_held(database, stream) == 0


async def test_an_outage_of_the_stream_loses_nothing_and_ends_by_itself(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    stream.refuse.update({worker_id: PublishFailed("unavailable") for worker_id in worker_ids})
    change(database, worker_ids, times=2)
    relay, stop = Relay(database, stream, clock, "one", SETTINGS), asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    await asyncio.sleep(0.2)
    assert EventLog(database, clock).last_position() == 0
    stream.refuse.clear()
    await position_reaches(database, 14)
    stop.set()
    await running
    assert await assert_all_held(database, stream) == 0


async def position_reaches(database: Database, position: int) -> float:
    """Wait; answers the seconds it took."""
    begun = time.monotonic()
    while EventLog(database, system_clock).last_position() < position:
        assert time.monotonic() - begun < 10, "the relay does not get there"
        await asyncio.sleep(0.005)
    return time.monotonic() - begun


async def test_a_failing_store_does_not_end_the_relay(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE positions RENAME TO hidden")
    change(database, worker_ids)
    stop = asyncio.Event()
    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(Relay(database, stream, clock, "one", SETTINGS).run(stop))
        await asyncio.sleep(0.3)
        assert "relay.store_failed" in {log["event"] for log in logs}
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO positions")
    await position_reaches(database, 7)
    stop.set()
    await running
    await assert_all_held(database, stream)


async def test_a_signal_wakes_a_relay_that_would_sleep_on(
    database: Database, stream: StreamWithFaults, worker_ids: list[str]
) -> None:
    relay = Relay(database, stream, system_clock, "one", RelaySettings(pause_s_min=8, pause_s_max=8))
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    await asyncio.sleep(0.2)
    change(database, worker_ids)
    await asyncio.to_thread(relay.notify)
    assert await position_reaches(database, 7) < 4
    stop.set()
    await asyncio.wait_for(running, 4)


async def test_a_relay_that_stops_lets_the_next_begin_at_once(
    database: Database, stream: StreamWithFaults, clock: SetClock, worker_ids: list[str]
) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Relay(database, stream, clock, "one", SETTINGS).run(stop))
    change(database, worker_ids)
    await position_reaches(database, 7)
    stop.set()
    await running
    change(database, worker_ids)
    assert await Relay(database, stream, clock, "two", SETTINGS).drain() == 7


async def test_a_slow_stream_does_not_cost_the_lease(database: Database, worker_ids: list[str]) -> None:
    class Slow(StreamWithFaults):
        async def publish(self, records):
            await asyncio.sleep(1.0)
            return await super().publish(records)

    change(database, worker_ids)
    slow = Slow(EmbeddedStream(StreamRecords(database), system_clock))
    short = RelaySettings(lease_duration_s=0.4)
    draining = asyncio.create_task(Relay(database, slow, system_clock, "slow", short).drain())
    await asyncio.sleep(0.7)
    assert await Relay(database, slow, system_clock, "other", short).drain() == 0
    assert await draining == 7
    assert await assert_all_held(database, slow) == 0
