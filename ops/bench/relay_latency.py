"""Row 3, the wait: from the return of a commit until a reader has the event in hand, at a steady rate."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

import psycopg

from contracts.topics import WORKER_CHANGED
from ops.bench.arrivals import schedule, waits
from ops.bench.backlog import Made, add_ours, add_outbox, made
from ops.bench.broker import TopicReader
from ops.bench.debezium import TOPIC
from ops.bench.relay_drain import EVENT_BYTES
from ops.bench.relay_world import World
from ops.bench.servers import ours

RATE_PER_S: Final = 100.0
_ROLE: Final = ("gateway.cli", "serve", "relay")
_LATE_MAX_S: Final = 30.0
_WARM_UP: Final = 50


def latency_round(world: World, first: int, seconds: float) -> dict[str, float]:
    """Our relay as `lgsp serve relay` runs it, then Debezium, by the same schedule."""
    load = os.getloadavg()[0]
    events = made(first, _WARM_UP + round(RATE_PER_S * seconds), EVENT_BYTES, worker_events=1)
    relay = ours(world.folder, world.url, _ROLE, KAFKA__BOOTSTRAP_SERVERS=world.servers, KAFKA__REPLICATION="1")
    try:
        mine = _measure(world, WORKER_CHANGED.name, add_ours, events, seconds)
    finally:
        relay.stop()
    theirs = _measure(world, TOPIC, add_outbox, events, seconds)
    return waits("", mine) | waits("debezium_", theirs) | {"load": load}


def _measure(
    world: World, topic: str, add: Callable[[psycopg.Connection, Made], None], events: list[Made], seconds: float
) -> list[float]:
    """Seconds waited by each event after a few that warm up; reader and writer share one process's clock."""
    arrivals = _Arrivals(TopicReader(world.servers, topic), len(events))
    arrivals.start()
    with psycopg.connect(world.conninfo) as connection:
        for event in events[:_WARM_UP]:
            add(connection, event)
            connection.commit()
            time.sleep(1 / RATE_PER_S)
        committed_at = _write(connection, add, events[_WARM_UP:], schedule(RATE_PER_S, seconds))
    read_at = arrivals.wait()
    # An event can be read before the writer's own thread hears of its commit.
    return [max(read_at[worker_id] - at, 0.0) for worker_id, at in committed_at.items()]


def _write(
    connection: psycopg.Connection,
    add: Callable[[psycopg.Connection, Made], None],
    events: list[Made],
    at_s: list[float],
) -> dict[str, float]:
    begun = time.perf_counter()
    committed_at = {}
    for event, due_s in zip(events, at_s, strict=True):
        time.sleep(max(0.0, begun + due_s - time.perf_counter()))
        add(connection, event)
        connection.commit()
        committed_at[event.worker_id] = time.perf_counter()
    return committed_at


class _Arrivals(threading.Thread):
    """Notes when each key was first read."""

    def __init__(self, reader: TopicReader, expected: int) -> None:
        super().__init__(daemon=True)
        self._reader = reader
        self._expected = expected
        self._read_at: dict[str, float] = {}
        self._before = reader.ends()

    def run(self) -> None:
        self._reader.read_from(self._before)
        deadline: float | None = None
        while len(self._read_at) < self._expected:
            message = self._reader.consumer.poll(0.5)
            now = time.perf_counter()
            if message is not None:
                self._read_at.setdefault((message.key() or b"").decode(), now)
                deadline = now + _LATE_MAX_S
            elif deadline is not None and now > deadline:
                break
        self._reader.close()

    def wait(self) -> dict[str, float]:
        """By key. Raises RuntimeError when something never came."""
        self.join(_LATE_MAX_S * 4)
        if len(self._read_at) < self._expected:
            raise RuntimeError(f"{len(self._read_at)} of {self._expected} events came")
        return self._read_at
