"""People, events, a real relay and rows of targets, as the watcher finds them; and what a test may take away."""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import delete, insert, select, update

from contracts.topics import WORKER_CHANGED, Topic
from gateway.clock import instant, system_clock
from gateway.relay.publisher import Relay
from gateway.store import watch_gaps
from gateway.store.engine import Database
from gateway.store.schema import events, pending, target_states, workers
from gateway.stream.port import Consumer, Outcome, Progress, Received, Stream, StreamRecord
from gateway.watch.full_pass import FullPass, Report
from gateway.watch.settings import WatchSettings
from gateway.watch.watcher import Watcher
from tests.integration.relay_world import StreamWithFaults

TARGETS = ("population", "labour_market")
GRACE_S = 1.0
SETTINGS = WatchSettings(
    grace_s=GRACE_S, lease_duration_s=3.0, pause_s_min=0.01, rest_share=0.0, page_s=0.05, say_s=0.05
)


@dataclass
class Renamed:
    """A stream on which the house's topic has a name of its own, for tests that share one broker."""

    inner: Stream
    topic: Topic

    async def publish(self, records: Sequence[StreamRecord]) -> list[Outcome]:
        return await self.inner.publish([replace(record, topic=self.topic.name) for record in records])

    def consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        return RenamedConsumer(self.inner.consumer(group, [self.topic.name]))

    async def ready(self) -> bool:
        return await self.inner.ready()

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class RenamedConsumer:
    """Its reader."""

    inner: Consumer
    name: str = ""

    async def poll(self, max_records: int, timeout_ms: int) -> list[Received]:
        received = await self.inner.poll(max_records, timeout_ms)
        self.name = received[0].topic if received else self.name
        return [replace(one, topic=WORKER_CHANGED.name) for one in received]

    async def commit(self, received: Sequence[Received]) -> None:
        await self.inner.commit([replace(one, topic=self.name) for one in received])

    async def progress(self) -> Mapping[tuple[str, int], Progress]:
        found = await self.inner.progress()
        return {(WORKER_CHANGED.name, partition): one for (_, partition), one in found.items()}

    def lag(self) -> int:
        return self.inner.lag()

    async def close(self) -> None:
        await self.inner.close()


class WatchWorld:
    """`stream` may be hindered; what is in the store may be taken away."""

    def __init__(self, database: Database, stream: Stream) -> None:
        self.database = database
        self.stream = StreamWithFaults(stream)
        self._holders = 0

    def person(self, versions: int = 1) -> str:
        """A record with so many versions, all of them pending."""
        worker_id = str(uuid.uuid4())
        now = instant(system_clock())
        row = {"worker_id": worker_id, "version": 0, "key_id": worker_id, "statements": "{}", "verified": False}
        row |= {"keys_doubted": False, "created_at": now, "changed_at": now, "confirmed_at": "{}"}
        with self.database.write() as connection:
            connection.execute(insert(workers), row)
        for _ in range(versions):
            self.change(worker_id)
        return worker_id

    def people(self, count: int) -> list[str]:
        """So many, with one to three versions."""
        return [self.person(1 + number % 3) for number in range(count)]

    def change(self, worker_id: str) -> None:
        """Another version."""
        now = instant(system_clock())
        with self.database.write() as connection:
            here = workers.c.worker_id == worker_id
            version = connection.execute(select(workers.c.version).where(here)).scalar_one() + 1
            connection.execute(update(workers).where(here).values(version=version, changed_at=now))
            body = orjson.dumps({"subject": worker_id, "sequence": version, "data": {"of": now}})
            event = {"event_id": str(uuid.uuid4()), "worker_id": worker_id, "version": version, "type": "changed"}
            event |= {"recorded_at": now, "body": body}
            row = connection.execute(insert(events).values(event).returning(events.c.id)).scalar_one()
            connection.execute(insert(pending), {"id": row, "worker_id": worker_id})

    async def relay(self) -> None:
        """Everything pending, by a relay that is new each time."""
        self._holders += 1
        relay = Relay(self.database, self.stream, system_clock, f"relay-{self._holders}")
        await relay.drain()
        await relay.release()

    def settle(self, *, state: str = "settled") -> None:
        """Every target knows every record as it stands."""
        now = instant(system_clock())
        with self.database.write() as connection:
            connection.execute(delete(target_states))
            rows = [
                _target_row(row.worker_id, row.version, target, state, now)
                for row in connection.execute(select(workers.c.worker_id, workers.c.version))
                for target in TARGETS
            ]
            connection.execute(insert(target_states), rows)

    def execute(self, statement: Any) -> None:
        """A hand in the store."""
        with self.database.write() as connection:
            connection.execute(statement)

    def watcher(self, holder: str = "watcher") -> Watcher:
        """A new one."""

        def consumer() -> Consumer:
            return self.stream.consumer("watch", [WORKER_CHANGED.name])

        return Watcher(consumer, self.database, system_clock, holder, TARGETS, SETTINGS)

    async def watch(self, until: Callable[[], bool], within_s: float = 20.0, seconds: float = 0.0) -> None:
        """A watcher of this call's own watches for `seconds`, and then until something holds."""
        stop = asyncio.Event()
        self._holders += 1
        running = asyncio.create_task(self.watcher(f"watcher-{self._holders}").run(stop))
        await asyncio.sleep(seconds)
        deadline_s = time.monotonic() + within_s
        try:
            while not until():
                assert time.monotonic() < deadline_s, f"not in time; {self.position()}, gaps {self.gaps()}"
                assert not running.done()
                await asyncio.sleep(0.02)
        finally:
            stop.set()
            await running

    async def watch_quietly(self) -> None:
        """Long enough to see whatever the grace hides, and up to the last position."""
        await self.watch(lambda: self.position() == self.last_position(), seconds=2.5 * GRACE_S)

    def alarms(self) -> set[str]:
        """Names of the open gaps."""
        return {alarm for alarm, _, _ in self.gaps()}

    def gaps(self) -> list[tuple[str, str | None, int | None]]:
        """Alarm, worker, version."""
        with self.database.read() as connection:
            return [(row.alarm, row.worker_id, row.version) for row in watch_gaps.page(connection, 100)]

    def position(self) -> int:
        """Up to which everything is confirmed."""
        with self.database.read() as connection:
            held = watch_gaps.saved(connection, "position")
        return 0 if held is None else int(held[0])

    def last_position(self) -> int:
        """The highest position."""
        from gateway.store.watch_events import last_position

        with self.database.read() as connection:
            return last_position(connection)

    async def pass_over_everything(
        self, views: Mapping[tuple[str, str], tuple[int, bytes | None]] | None = None
    ) -> Report:
        """The full pass."""

        def consumer(group: str) -> Consumer:
            return self.stream.consumer(group, [WORKER_CHANGED.name])

        full = FullPass(consumer, self.database, system_clock, TARGETS, lambda _ids: views or {}, SETTINGS)
        return await full.run(lambda _part, _done, _total: None)


def _target_row(worker_id: str, version: int, target: str, state: str, now: str) -> dict[str, Any]:
    held = hashlib.sha256(f"{worker_id}{version}".encode()).digest()
    return {
        "worker_id": worker_id,
        "target": target,
        "state": state,
        "wanted_version": version,
        "wanted_hash": held,
        "wanted_at": now,
        "applied_version": version,
        "applied_hash": held,
        "applied_at": now,
        "attempts": 0,
        "next_attempt_at": now,
        "lease_epoch": 0,
        "since": now,
        "cause": "timeout" if state == "due" else None,
    }
