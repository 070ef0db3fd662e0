"""Row 3: the relay on PostgreSQL and Kafka, beside raw aiokafka, Kafka's own tool and Debezium's outbox router."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ops.bench.figures import Row, median_of, median_ratio
from ops.bench.places import Place
from ops.bench.relay_drain import PERFORMANCE, RAW, drain_round
from ops.bench.relay_latency import RATE_PER_S, latency_round
from ops.bench.relay_world import World, relay_world
from ops.bench.sizes import Sizes

_RATIOS: Final[Mapping[str, str]] = {
    "of raw send_batch": "raw_per_s",
    "of producer-perf-test": "performance_test_per_s",
    "times Debezium": "debezium_per_s",
}
_ROUNDS_APART: Final = 1_000_000


def measure(place: Place, sizes: Sizes) -> Iterator[Row]:
    """Drain and latency. The relay's Kafka stands beside PostgreSQL alone; the row has its own server."""
    if place.kind != "postgresql":
        return
    with relay_world((RAW, PERFORMANCE)) as world:
        yield _drain(world, sizes)
        yield _latency(world, sizes)


def _drain(world: World, sizes: Sizes) -> Row:
    # Round 0 warms up: connections, Java's compiler, statements.
    _, *rounds = [
        drain_round(world, number * _ROUNDS_APART, sizes.backlog).figures() for number in range(sizes.rounds + 1)
    ]
    row = Row(3, f"relay, a backlog of {sizes.backlog:,} events", "postgresql", median_of(rounds, rounds[0]))
    row.ratios = {told: median_ratio(rounds, rounds, "ours_per_s", theirs) for told, theirs in _RATIOS.items()}
    row.rounds = rounds
    return row


def _latency(world: World, sizes: Sizes) -> Row:
    first = (sizes.rounds + 1) * _ROUNDS_APART
    rounds = [latency_round(world, first + number * _ROUNDS_APART, sizes.steady_s) for number in range(sizes.rounds)]
    what = f"relay, commit to readable on Kafka at {RATE_PER_S:.0f}/s"
    row = Row(3, what, "postgresql", median_of(rounds, rounds[0]), rounds=rounds)
    row.ratios = {
        "p50 of Debezium's": median_ratio(rounds, rounds, "p50_ms", "debezium_p50_ms"),
        "p99 of Debezium's": median_ratio(rounds, rounds, "p99_ms", "debezium_p99_ms"),
    }
    return row
