"""Row 8: from the start of the process to ready, and memory: idle, and at its peak after a load."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from ops.bench.figures import Row, median_of
from ops.bench.load import Load
from ops.bench.places import Place
from ops.bench.servers import ours
from ops.bench.single import CLIENTS
from ops.bench.sizes import Sizes

_IDLE_S: Final = 2.0
_NAMES: Final = ("ready_s", "idle_mb", "loaded_peak_mb")
_BODIES: Final = 20_000


def measure(place: Place, sizes: Sizes) -> Iterator[Row]:
    """The first start also makes the tables; the row quotes the starts after it."""
    url = place.new_database()
    first, *later = [_start(place, url, number, sizes.round_s) for number in range(sizes.rounds + 1)]
    row = Row(8, "start to ready; memory", place.kind, median_of(later, _NAMES), rounds=later)
    row.figures["first_ready_s"] = first["ready_s"]
    yield row


def _start(place: Place, url: str, number: int, seconds: float) -> dict[str, float]:
    server = ours(place.folder, url)
    try:
        time.sleep(_IDLE_S)
        idle_mb = server.memory_mb()
        server.measure(Load(0, "", "entries", number * _BODIES, _BODIES, CLIENTS, seconds))
        return {"ready_s": server.ready_after_s, "idle_mb": idle_mb, "loaded_peak_mb": server.memory_peak_mb()}
    finally:
        server.stop()
