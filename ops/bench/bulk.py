"""Row 2: bulk entries to receipts, beside copying the finished rows into the same tables with the same indexes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ops.bench.figures import Row, median_of, median_ratio
from ops.bench.finished_rows import copy_again
from ops.bench.load import Load
from ops.bench.people import BATCH
from ops.bench.places import Place
from ops.bench.servers import ours
from ops.bench.sizes import Sizes

IN_FLIGHT: Final = 2
_NAMES: Final = ("entries_per_s", "copied_per_s", "memory_peak_mb", "relay_behind_s")
_STREAMED_ABOVE: Final = 100_000
"""Bodies of more entries than these are made while sending: at the client's cost, never the server's."""


def measure(place: Place, sizes: Sizes) -> Iterator[Row]:
    """One row, each round on a server and a database of its own."""
    times = sizes.rounds if sizes.rows <= _STREAMED_ABOVE else 1
    rounds = [_round(place, sizes.rows) for _ in range(times)]
    row = Row(2, f"bulk, {sizes.rows:,} entries, {BATCH} a request, {IN_FLIGHT} in flight", place.kind)
    row.figures = median_of(rounds, _NAMES)
    row.rounds = rounds
    floor = "of COPY" if place.kind == "postgresql" else "of executemany"
    row.ratios = {floor: median_ratio(rounds, rounds, "entries_per_s", "copied_per_s")}
    yield row


def _round(place: Place, rows: int) -> dict[str, float]:
    url = place.new_database()
    server = ours(place.folder, url)
    try:
        load = Load(0, "", "batches", 0, rows, IN_FLIGHT, 3_600)
        summary = server.measure(load, stream=rows > _STREAMED_ABOVE)
        behind_s = server.settle(600)
        memory_mb = server.memory_peak_mb()
    finally:
        server.stop()
    return {
        "entries_per_s": rows / float(summary["elapsed_s"]),
        "copied_per_s": rows / copy_again(url, place.new_database()),
        "memory_peak_mb": memory_mb,
        "relay_behind_s": behind_s,
    }
