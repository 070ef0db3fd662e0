"""Row 7: what an entry and a read cost as the number of workers grows, the sizes taking turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from sqlalchemy import select

from gateway.store import schema
from gateway.store.engine import Database
from ops.bench.bulk import IN_FLIGHT
from ops.bench.figures import Row, median_of, median_ratio
from ops.bench.load import Load
from ops.bench.places import Place
from ops.bench.servers import Server, ours
from ops.bench.sizes import Sizes

_READERS: Final = 8
_READ_PATHS: Final = 500
_READ_S: Final = 2.0
_NAMES: Final = ("us_per_entry", "us_per_read")
_BEYOND: Final = 2_000_000
"""The measured entries are about people beyond those loaded, and about each other: four new ones for each change."""


def measure(place: Place, sizes: Sizes) -> Iterator[Row]:
    """One row per size; the ratios are against the smallest."""
    rounds: dict[int, list[dict[str, float]]] = {size: [] for size in sizes.populations}
    with ExitStack() as stack:
        servers = {size: _loaded(place, size, stack) for size in sizes.populations}
        for number in range(sizes.rounds):
            for size, (server, paths) in servers.items():
                rounds[size].append(_round(server, paths, number, sizes.sample))
    smallest = min(rounds)
    for size, taken in rounds.items():
        row = Row(7, f"cost beside {size:,} entries loaded before", place.kind, median_of(taken, _NAMES))
        row.rounds = taken
        if size != smallest:
            row.ratios = {f"{name}, times": median_ratio(taken, rounds[smallest], name, name) for name in _NAMES}
        yield row


def _loaded(place: Place, size: int, stack: ExitStack) -> tuple[Server, tuple[str, ...]]:
    url = place.new_database()
    server = ours(place.folder, url)
    stack.callback(server.stop)
    server.measure(Load(0, "", "batches", 0, size, IN_FLIGHT, 3_600), stream=True)
    server.settle(900)
    return server, _paths(url)


def _paths(url: str) -> tuple[str, ...]:
    database = Database(url)
    # Worker ids are random, so the first ones in their order are a sample of all.
    chosen = select(schema.workers.c.worker_id).order_by(schema.workers.c.worker_id).limit(_READ_PATHS)
    try:
        with database.read() as connection:
            return tuple(f"/v1/workers/{worker_id}" for worker_id in connection.execute(chosen).scalars())
    finally:
        database.close()


def _round(server: Server, paths: tuple[str, ...], number: int, sample: int) -> dict[str, float]:
    entries = server.measure(Load(0, "", "batches", _BEYOND + number * sample, sample, IN_FLIGHT, 600))
    server.settle()
    reads = server.measure(Load(0, "", "reads", 0, 100_000, _READERS, _READ_S, paths))
    return {"us_per_entry": float(entries["elapsed_s"]) / sample * 1e6, "us_per_read": 1e6 / float(reads["per_s"])}
