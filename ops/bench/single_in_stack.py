"""Row 1 once more: the same load on an api of the whole stack, while relay, propagators, capture and systems work."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

from ops.bench.figures import Row, median_of, median_ratio
from ops.bench.load import Load
from ops.bench.places import Place
from ops.bench.servers import ours, run_load
from ops.bench.single import CLIENTS
from ops.bench.sizes import Sizes
from ops.bench.stack_world import StackWorld, stack_world

_NAMES: Final = ("per_s", "p50_ms", "p99_ms", "load")
_BODIES: Final = 9_000
_PEOPLE: Final = 200


def measure(place: Place, sizes: Sizes) -> Iterator[Row]:
    """First one server alone, as in row 1, and then an api of a stack: two servers at once would disturb each other."""
    if place.kind != "postgresql":
        return
    alone = _alone(place, sizes)
    with stack_world(_PEOPLE) as world:
        amid = _amid(world, sizes)
    yield Row(1, "single entries, ours alone", place.kind, median_of(alone, _NAMES), rounds=alone)
    whole = Row(1, "single entries, an api of the whole stack", place.kind, median_of(amid, _NAMES), rounds=amid)
    whole.ratios = {"of alone": median_ratio(amid, alone, "per_s", "per_s")}
    yield whole


def _alone(place: Place, sizes: Sizes) -> list[dict[str, float]]:
    server = ours(place.folder, place.new_database())
    try:
        rounds = []
        for number in range(sizes.rounds + 1):
            rounds.append(_told(server.measure(_load(0, "", number, sizes))))
            server.settle()
        return rounds[1:]
    finally:
        server.stop()


def _amid(world: StackWorld, sizes: Sizes) -> list[dict[str, float]]:
    rounds = []
    for number in range(sizes.rounds + 1):
        rounds.append(_told(run_load(_load(world.ports[0], world.token, number, sizes))))
        world.settle()
    return rounds[1:]


def _load(port: int, token: str, number: int, sizes: Sizes) -> Load:
    return Load(port, token, "entries", number * _BODIES, _BODIES, CLIENTS, sizes.round_s)


def _told(summary: dict[str, Any]) -> dict[str, float]:
    return {**{name: float(summary[name]) for name in _NAMES[:-1]}, "load": os.getloadavg()[0]}
