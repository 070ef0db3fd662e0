"""Row 4: accepted → in all three targets, at steady rates, for new people and for those already verified.

An entry's wait ends when the last target that it concerns has answered the call that carried it, by the store's own
`applied_at`: a little later than the target's receipt, never earlier. Clocks are one machine's.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ops.bench.arrivals import percentile, schedule, waits
from ops.bench.figures import Row, median_of
from ops.bench.open_loop import Sent
from ops.bench.places import Place
from ops.bench.sizes import Sizes
from ops.bench.stack_world import StackWorld, stack_world

TARGETS: Final = 3
WARM_UP: Final = 200
_SPARE: Final = 1.7
"""More people than are asked for: only those in work have a post that can change."""


def measure(place: Place, sizes: Sizes) -> Iterator[Row]:
    """One stack; at each rate new people first, then the same people again, verified by then."""
    if place.kind != "postgresql":
        return
    count = WARM_UP + sum(round(rate * sizes.steady_s) for rate in sizes.rates_per_s) * sizes.rounds
    with stack_world(round(count * _SPARE)) as world:
        people = iter([entry for entry in world.entries if "cong_viec_cu_the" in entry["fields"]])
        pipeline_round(world, [next(people) for _ in range(WARM_UP)], 50.0)
        for rate in sizes.rates_per_s:
            taken = round(rate * sizes.steady_s)
            pairs = [
                pipeline_round(world, [next(people) for _ in range(taken)], float(rate)) for _ in range(sizes.rounds)
            ]
            for place_of, kind in enumerate(("new people", "people already verified")):
                rounds = [pair[place_of] for pair in pairs]
                what = f"accepted → in all three targets, {kind}, {rate}/s"
                yield Row(4, what, place.kind, median_of(rounds, rounds[0]), rounds=rounds)


def pipeline_round(
    world: StackWorld, entries: Sequence[dict[str, Any]], rate_per_s: float
) -> tuple[dict[str, float], dict[str, float]]:
    """The figures for these people as new ones, and again when they are verified and their post changes."""
    at_s = schedule(rate_per_s, len(entries) / rate_per_s)
    return _phase(world, at_s, entries), _phase(world, at_s, [changed(entry) for entry in entries])


def _phase(world: StackWorld, at_s: Sequence[float], entries: Sequence[dict[str, Any]]) -> dict[str, float]:
    world.settle()
    load = os.getloadavg()[0]
    sent = world.send(at_s, [json.dumps(entry) for entry in entries])
    world.settle()
    rows = world.applied([one.worker_id for one in sent if one.worker_id])
    return figures(sent, [(worker_id, _seconds(at)) for worker_id, _, _, at in rows]) | {"load": load}


def figures(sent: Sequence[Sent], applied: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Waits from the scheduled instant to the last target's, over those of whom all three were told.

    `through_per_s`: entries over the time from the first instant to the last target's.
    """
    last: dict[str, float] = {}
    told: dict[str, int] = {}
    scheduled = {one.worker_id or "": one.scheduled_at for one in sent}
    for worker_id, at in applied:
        if at >= scheduled[worker_id]:
            last[worker_id] = max(last.get(worker_id, 0.0), at)
            told[worker_id] = told.get(worker_id, 0) + 1
    whole = [worker_id for worker_id, count in told.items() if count == TARGETS]
    if not whole:
        raise RuntimeError("no entry reached all three targets")
    through_s = max(last[one] for one in whole) - min(scheduled.values())
    receipts = [one.answered_at - one.scheduled_at for one in sent]
    return {
        **waits("", [last[worker_id] - scheduled[worker_id] for worker_id in whole]),
        "receipt_p50_ms": percentile(receipts, 0.50) * 1_000,
        "receipt_p99_ms": percentile(receipts, 0.99) * 1_000,
        "in_all_three": len(whole),
        "sent": len(sent),
        "through_per_s": len(sent) / through_s,
    }


def changed(entry: dict[str, Any]) -> dict[str, Any]:
    """The same person in another post."""
    fields = {**entry["fields"], "cong_viec_cu_the": f"{entry['fields']['cong_viec_cu_the']} (mới)"}
    return {**entry, "key": f"{entry['key']}-again", "slip_kind": "change", "fields": fields}


def _seconds(instant: str) -> float:
    return dt.datetime.fromisoformat(instant).timestamp()
