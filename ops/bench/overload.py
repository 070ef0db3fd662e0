"""Row 9: what still goes through when more arrives than can be stored: goodput beside the highest of the same round.

Requests leave at their instant whether or not earlier ones were answered. Goodput is what was stored, each second; the
others are refused at once (503 with Retry-After), and come again in real life, which is not simulated here. The server
runs on one half of the processors and the load on the other, or the load would slow the server that it measures.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from ops.bench import people
from ops.bench.arrivals import percentile, schedule
from ops.bench.figures import Row, median_of, median_ratio
from ops.bench.load import Load
from ops.bench.open_loop import START_AFTER_S, Open, Sent, as_json, heard
from ops.bench.places import Place
from ops.bench.servers import Server, ours
from ops.bench.single import CLIENTS
from ops.bench.sizes import Sizes

FACTORS: Final = (1, 2, 4, 6)
"""Of what 32 waiting clients get through. Full slices carry more: four times that is about three times the highest."""
_STORED: Final = frozenset({200, 201})
_REFUSED: Final = 503
_PEAK_BODIES: Final = 9_000
_ANSWERED_WITHIN_S: Final = 120.0
_NAMES: Final = ("offered_per_s", "goodput_per_s", "refused_share", "p99_ms", "refused_p99_ms", "memory_peak_mb")


def measure(place: Place, sizes: Sizes) -> Iterator[Row]:
    """What 32 clients that wait for their answers get through, and then a row for each factor of it."""
    rounds: dict[int, list[dict[str, float]]] = {factor: [] for factor in FACTORS}
    peaks: list[dict[str, float]] = []
    processors = sorted(os.sched_getaffinity(0))
    # The load must not take from the server what it measures: each has processors of its own, where there are two.
    os.sched_setaffinity(0, processors[: max(1, len(processors) // 2)])
    server, first = ours(place.folder, place.new_database()), 0
    os.sched_setaffinity(0, processors[len(processors) // 2 :])
    try:
        for number in range(sizes.rounds + 1):
            waited = server.measure(Load(0, "", "entries", first, _PEAK_BODIES, CLIENTS, sizes.round_s))
            first += _PEAK_BODIES
            server.settle()
            peak = {"goodput_per_s": float(waited["per_s"])}
            for factor in FACTORS:
                rate = factor * peak["goodput_per_s"]
                count = round(rate * sizes.round_s)
                told = _offered(server, rate, sizes.round_s, first)
                first += count
                server.settle()
                # The first round warms up.
                if number:
                    rounds[factor].append(told)
            if number:
                peaks.append(peak)
    finally:
        server.stop()
        os.sched_setaffinity(0, processors)
    yield Row(9, "overload: 32 clients that wait", place.kind, median_of(peaks, ("goodput_per_s",)), rounds=peaks)
    found = zip(*rounds.values(), strict=True)
    highest = [{"goodput_per_s": max(one["goodput_per_s"] for one in together)} for together in found]
    for factor in FACTORS:
        row = Row(9, f"overload: {factor} times that", place.kind, median_of(rounds[factor], _NAMES))
        row.rounds = rounds[factor]
        row.ratios = {
            "goodput of highest": median_ratio(rounds[factor], highest, "goodput_per_s", "goodput_per_s"),
            "offered of highest": median_ratio(rounds[factor], highest, "offered_per_s", "goodput_per_s"),
        }
        yield row


def _offered(server: Server, rate_per_s: float, seconds: float, first: int) -> dict[str, float]:
    at_s = schedule(rate_per_s, seconds)
    bodies = tuple(body.decode() for body in people.bodies(first, len(at_s)))
    given = as_json(Open((server.port,), server.token, tuple(at_s), bodies)).encode()
    command = [sys.executable, "-m", "ops.bench.open_loop"]
    timeout_s = START_AFTER_S + seconds + _ANSWERED_WITHIN_S
    done = subprocess.run(command, input=given, capture_output=True, check=True, timeout=timeout_s)
    return _told(heard(done.stdout), seconds) | {"memory_peak_mb": server.memory_peak_mb()}


def _told(sent: Sequence[Sent], seconds: float) -> dict[str, float]:
    stored = [one for one in sent if one.status in _STORED]
    refused = [one for one in sent if one.status == _REFUSED]
    if len(stored) + len(refused) < len(sent) or not stored:
        raise RuntimeError(f"answers other than stored and refused: {sorted({one.status for one in sent})}")
    begun = min(one.scheduled_at for one in sent)
    # Until the last of them was answered: what is stored after the end of the load is no goodput of that time.
    took_s = max(seconds, max(one.answered_at for one in stored) - begun)
    refusals_s = [one.answered_at - one.scheduled_at for one in refused] or [0.0]
    return {
        "offered_per_s": len(sent) / seconds,
        "goodput_per_s": len(stored) / took_s,
        "refused_share": len(refused) / len(sent),
        "p99_ms": percentile([one.answered_at - one.scheduled_at for one in stored], 0.99) * 1_000,
        "refused_p99_ms": percentile(refusals_s, 0.99) * 1_000,
    }
