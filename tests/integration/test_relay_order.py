"""The ordering torture test: nothing lost, nothing inverted, whatever writers and relays do.

Twelve writers change forty workers while relays run. On PostgreSQL it fails, as was tried, when the relay reads by an
id cursor, when two relays share the work with SKIP LOCKED, when the writer takes ids before it locks, and when it does
not lock. On SQLite, which has one writer at a time, it fails when two relays work without a lease.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from gateway.clock import system_clock
from gateway.relay.publisher import Relay
from gateway.relay.settings import RelaySettings
from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from gateway.store.schema import leases
from gateway.store.stream_records import StreamRecords
from gateway.stream.embedded import EmbeddedStream
from tests.integration.relay_world import (
    StreamWithFaults,
    Writers,
    add_workers,
    assert_positions_hold,
    examine,
    read_stream,
    stored_events,
)

WORKERS = 40
TRANSACTIONS = 1_800
LEASE_S = 0.3
SMALL_BATCHES = RelaySettings(batch_size_max=50, lease_duration_s=LEASE_S)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    upgrade(database_url)
    database = Database(database_url)
    yield database
    database.close()


class RelayProcess:
    """A relay in a thread and event loop of its own, so that it can be stopped as a process is: at once, unknowing."""

    def __init__(self, database: Database, holder: str) -> None:
        self.stream = StreamWithFaults(EmbeddedStream(StreamRecords(database), system_clock))
        self._relay_args = (database, self.stream, system_clock, holder, SMALL_BATCHES)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(Relay(*self._relay_args).run(self._stop))
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        except BaseException as failure:
            self._failure = failure

    async def end(self) -> None:
        """Ask it to stop; raises what it raised."""
        self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        self._loop.close()
        if self._failure is not None:
            raise self._failure


async def leased(database: Database, holder: str) -> None:
    """Wait until this relay has the lease."""
    deadline = time.monotonic() + 30
    while True:
        with database.read() as connection:
            if connection.execute(select(leases.c.holder)).scalars().all() == [holder]:
                return
        assert time.monotonic() < deadline, f"{holder} does not take the lease"
        await asyncio.sleep(0.01)


async def has_published(relay: RelayProcess) -> None:
    """Wait until something has gone out by this relay."""
    deadline = time.monotonic() + 30
    while not relay.stream.published:
        assert time.monotonic() < deadline, "nothing is published"
        await asyncio.sleep(0.01)


async def drained(database: Database) -> None:
    """Publish what is left, by a relay that waits until the lease is free."""
    relay = Relay(database, EmbeddedStream(StreamRecords(database), system_clock), system_clock, "last", SMALL_BATCHES)
    deadline = time.monotonic() + 30
    stop = asyncio.Event()
    running = asyncio.create_task(relay.run(stop))
    with database.read() as connection:
        while connection.exec_driver_sql("SELECT count(*) FROM pending").scalar():
            assert time.monotonic() < deadline, "the relay does not come to an end"
            connection.rollback()
            await asyncio.sleep(0.02)
    stop.set()
    await running


async def assert_order_held(database: Database) -> int:
    """Answers how many raw copies the stream carries beyond the first."""
    received = await read_stream(EmbeddedStream(StreamRecords(database), system_clock))
    stored = stored_events(database)
    assert len(stored) > TRANSACTIONS
    findings = examine(received, stored)
    assert findings.lost == []
    assert findings.phantom == []
    assert findings.inverted == []
    assert findings.differing_copies == []
    assert_positions_hold(database, received)
    return findings.copies


async def test_writers_at_the_same_time_lose_and_invert_nothing(database: Database) -> None:
    worker_ids = add_workers(database, WORKERS)
    relay = RelayProcess(database, "only")
    await Writers(database, worker_ids, TRANSACTIONS).write()
    await relay.end()
    await drained(database)
    assert await assert_order_held(database) == 0


async def test_a_relay_that_was_stopped_past_its_lease_repeats_but_inverts_nothing(database: Database) -> None:
    worker_ids = add_workers(database, WORKERS)
    stopped = RelayProcess(database, "stopped")
    # A blocked loop cannot renew its lease, just as a stopped process cannot: once before the send, when the lease was
    # checked already, and once between the send and the positions.
    stopped.stream.before += [lambda: None, lambda: time.sleep(4 * LEASE_S)]
    stopped.stream.after += [lambda: None] * 6 + [lambda: time.sleep(4 * LEASE_S)]
    # Whoever is first keeps the lease for as long as nothing stops it, so the one that will be stopped goes first.
    await leased(database, "stopped")
    writing = asyncio.create_task(Writers(database, worker_ids, TRANSACTIONS).write())
    # And the other one begins when it has published: a machine that stalls for a lease would else leave it nothing.
    await has_published(stopped)
    other = RelayProcess(database, "other")
    await writing
    await other.end()
    await stopped.end()
    await drained(database)
    assert other.stream.published > 0
    assert stopped.stream.published > 0
    assert await assert_order_held(database) > 0
