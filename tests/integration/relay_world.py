"""Writers that do what intake does, and what can be read afterwards from stream and event log."""

from __future__ import annotations

import asyncio
import random
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from contracts.topics import WORKER_CHANGED
from gateway.clock import instant, system_clock
from gateway.store.engine import Database
from gateway.store.event_log import EventLog, PublishedEvent
from gateway.store.schema import events, pending, workers
from gateway.stream.port import Consumer, Outcome, Published, Received, Stream, StreamRecord

NOW = instant(system_clock())


class RolledBack(Exception):
    """A writer's transaction that was not to be."""


def add_workers(database: Database, count: int) -> list[str]:
    """Rows at version 0, with no more in them than order needs."""
    ids = sorted(str(uuid.UUID(int=random.Random(number).getrandbits(128), version=4)) for number in range(count))
    nothing = {
        "statements": "{}",
        "verified": False,
        "keys_doubted": False,
        "created_at": NOW,
        "changed_at": NOW,
        "confirmed_at": "{}",
    }
    rows = [{"worker_id": worker_id, "version": 0, "key_id": worker_id, **nothing} for worker_id in ids]
    with database.write() as connection:
        connection.execute(insert(workers), rows)
    return ids


def add_events(connection: Connection, worker_ids: Sequence[str], pause_s: float = 0.0) -> None:
    """As the design says: lock the worker rows in one order, raise their versions, insert events and pending."""
    mine = select(workers.c.worker_id, workers.c.version).where(workers.c.worker_id.in_(worker_ids))
    locked = connection.execute(mine.order_by(workers.c.worker_id).with_for_update())
    versions = {row.worker_id: row.version + 1 for row in locked}
    raised = [{"the_id": worker_id, "the_version": version} for worker_id, version in versions.items()]
    statement = update(workers).where(workers.c.worker_id == bindparam("the_id"))
    connection.execute(statement.values(version=bindparam("the_version")), raised)
    rows = [
        {
            "event_id": str(uuid.uuid4()),
            "worker_id": worker_id,
            "version": version,
            "type": "changed",
            "recorded_at": NOW,
            "body": f"{worker_id}:{version}:{uuid.uuid4()}".encode(),
        }
        for worker_id, version in versions.items()
    ]
    for row in rows:
        row_id = connection.execute(insert(events).values(row).returning(events.c.id)).scalar_one()
        connection.execute(insert(pending).values(id=row_id, worker_id=row["worker_id"]))
    # Between taking an id and committing, others take higher ids and commit first: here order is lost, if anywhere.
    time.sleep(pause_s)


@dataclass
class Writers:
    """Many threads that change random workers, and sometimes roll back."""

    database: Database
    worker_ids: list[str]
    transactions: int
    rollbacks: float = 0.03
    threads: int = 12
    failures: list[BaseException] = field(default_factory=list)

    async def write(self) -> None:
        """Return when all have finished; raises what one of them raised."""
        running = [threading.Thread(target=self._work, args=(seed,)) for seed in range(self.threads)]
        for thread in running:
            thread.start()
        for thread in running:
            await asyncio.get_running_loop().run_in_executor(None, thread.join)
        for failure in self.failures:
            raise failure

    def _work(self, seed: int) -> None:
        draw = random.Random(seed)
        try:
            for _ in range(self.transactions // self.threads):
                self._one(draw)
        except BaseException as failure:
            self.failures.append(failure)

    def _one(self, draw: random.Random) -> None:
        chosen = draw.sample(self.worker_ids, draw.choice((1, 1, 1, 2, 3)))
        try:
            with self.database.write() as connection:
                # On SQLite a writer that sleeps keeps all others out, and order is never in doubt.
                add_events(connection, chosen, 0.0 if self.database.is_sqlite else draw.random() * 0.004)
                if draw.random() < self.rollbacks:
                    raise RolledBack
        except RolledBack:
            return


async def read_stream(stream: Stream) -> list[Received]:
    """Everything on the topic, in order per partition."""
    consumer: Consumer = stream.consumer(f"witness-{uuid.uuid4()}", [WORKER_CHANGED.name])
    received: list[Received] = []
    while records := await consumer.poll(2_000, 50):
        received += records
    await consumer.close()
    return received


@dataclass
class Findings:
    """What was lost, repeated or out of order; all empty when the promises hold."""

    lost: list[str]
    phantom: list[str]
    inverted: list[str]
    differing_copies: list[str]
    copies: int


def examine(received: Sequence[Received], stored: dict[tuple[str, int], bytes]) -> Findings:
    """Hold what the stream carries against the committed events."""
    seen: dict[str, list[int]] = defaultdict(list)
    bodies: dict[tuple[str, int], set[bytes]] = defaultdict(set)
    for record in received:
        worker_id, version = record.body.decode().split(":")[:2]
        if int(version) not in seen[worker_id]:
            seen[worker_id].append(int(version))
        bodies[worker_id, int(version)].add(record.body)
    return Findings(
        lost=[f"{key}" for key in stored.keys() - bodies.keys()],
        phantom=[f"{key}" for key in bodies.keys() - stored.keys()],
        inverted=[f"{worker_id} {versions}" for worker_id, versions in seen.items() if versions != sorted(versions)],
        differing_copies=[f"{key}" for key, found in bodies.items() if found != {stored.get(key)}],
        copies=len(received) - len(bodies),
    )


def stored_events(database: Database) -> dict[tuple[str, int], bytes]:
    """Bodies of the committed events by worker and version."""
    query = select(events.c.worker_id, events.c.version, events.c.body)
    with database.read() as connection:
        return {(row.worker_id, row.version): bytes(row.body) for row in connection.execute(query)}


def assert_positions_hold(database: Database, received: Sequence[Received]) -> None:
    """Gapless, one per event, ascending versions per worker, and each leads to its record on the stream."""
    published = read_positions(database)
    assert [event.position for event in published] == list(range(1, len(stored_events(database)) + 1))
    last: dict[str, int] = defaultdict(int)
    at = {(record.partition, record.offset): record.body for record in received}
    for event in published:
        assert event.version == last[event.worker_id] + 1
        last[event.worker_id] = event.version
        assert at[event.partition, event.offset] == bytes(event.body)
    with database.read() as connection:
        assert connection.execute(select(pending.c.id)).all() == []


def read_positions(database: Database) -> list[PublishedEvent]:
    """The whole log by position, page by page."""
    log = EventLog(database, system_clock)
    found: list[PublishedEvent] = []
    while page := log.after(found[-1].position if found else 0, 500):
        found += page
    return found


class StreamWithFaults:
    """A stream whose publishing a test can hinder."""

    def __init__(self, inner: Stream) -> None:
        self.inner = inner
        self.before: list[Any] = []
        """Called, one each, before the next publishes."""
        self.after: list[Any] = []
        """Called, one each, after the next publishes."""
        self.refuse: dict[str, Outcome] = {}
        """Outcome by key, instead of publishing."""
        self.published = 0

    async def publish(self, records: Sequence[StreamRecord]) -> list[Outcome]:
        """See Stream."""
        if self.before:
            self.before.pop(0)()
        wanted = [record for record in records if record.key not in self.refuse]
        answers = iter(await self.inner.publish(wanted))
        outcomes = [self.refuse[record.key] if record.key in self.refuse else next(answers) for record in records]
        self.published += sum(isinstance(outcome, Published) for outcome in outcomes)
        if self.after:
            self.after.pop(0)()
        return outcomes

    def consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        """See Stream."""
        return self.inner.consumer(group, topics)

    async def ready(self) -> bool:
        """See Stream."""
        return await self.inner.ready()

    async def close(self) -> None:
        """See Stream."""
        await self.inner.close()
