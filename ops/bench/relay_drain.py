"""Row 3, the backlog: our relay, raw aiokafka, Kafka's own tool and Debezium take the same events in turn."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
import uvloop

from contracts.topics import WORKER_CHANGED
from gateway.clock import system_clock
from gateway.relay.publisher import Relay
from gateway.store.engine import Database
from gateway.stream.kafka import KafkaSettings, KafkaStream
from ops.bench import raw_kafka
from ops.bench.backlog import Made, fill_ours, fill_outbox, made
from ops.bench.broker import TopicReader
from ops.bench.debezium import TOPIC
from ops.bench.relay_world import World

EVENT_BYTES: Final = 1_024
RAW: Final = "bench.raw"
PERFORMANCE: Final = "bench.performance"
_DRAINED_WITHIN_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Drain:
    """One round. Events per second of each, and the load average before it."""

    ours_per_s: float
    raw_per_s: float
    performance_test_per_s: float
    debezium_per_s: float
    load: float

    def figures(self) -> dict[str, float]:
        """By name."""
        return {name: getattr(self, name) for name in self.__slots__}


def drain_round(world: World, first: int, count: int) -> Drain:
    """The same events four times."""
    load = os.getloadavg()[0]
    events = made(first, count, EVENT_BYTES)
    servers = world.servers
    return Drain(
        ours_per_s=count / _ours(world, events),
        raw_per_s=count / uvloop.run(raw_kafka.send_batches(servers, RAW, events)),
        performance_test_per_s=raw_kafka.performance_test(servers, PERFORMANCE, count, EVENT_BYTES),
        debezium_per_s=count / _debezium(world, events),
        load=load,
    )


def _ours(world: World, events: Sequence[Made]) -> float:
    """Seconds from the first look at the store until the last event has its position."""
    with psycopg.connect(world.conninfo, autocommit=True) as connection:
        fill_ours(connection, events)
        elapsed_s, settled = uvloop.run(_drained(world))
        (left,) = connection.execute("SELECT count(*) FROM pending").fetchone() or (None,)
    if settled != len(events) or left:
        raise RuntimeError(f"the relay gave {settled} of {len(events)} a position; {left} are left")
    return elapsed_s


async def _drained(world: World) -> tuple[float, int]:
    database = Database(world.url)
    stream = KafkaStream(KafkaSettings(bootstrap_servers=world.servers))
    relay = Relay(database, stream, system_clock, f"bench-{time.monotonic_ns()}")
    try:
        if not await stream.ready():
            raise RuntimeError(f"{WORKER_CHANGED.name} cannot be written to")
        begun = time.perf_counter()
        settled = await relay.drain()
        return time.perf_counter() - begun, settled
    finally:
        await relay.release()
        await stream.close()
        database.close()


def _debezium(world: World, events: Sequence[Made]) -> float:
    """Seconds from the first record to the last, by the broker's own stamps: its start does not count."""
    reader = TopicReader(world.servers, TOPIC)
    world.debezium.pause(world.slot_is_read)
    before: list[Any] = reader.ends()
    with psycopg.connect(world.conninfo, autocommit=True) as connection:
        fill_outbox(connection, events)
    world.debezium.resume()
    reader.wait_for(before, len(events), _DRAINED_WITHIN_S)
    elapsed_s = reader.written_within_s(before, len(events))
    reader.close()
    return elapsed_s
