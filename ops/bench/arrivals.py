"""Open-loop arrivals: fixed beforehand, never late because an answer is late; and what the waits amounted to."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence


def schedule(rate_per_s: float, seconds: float, seed: int = 7) -> list[float]:
    """Instants from 0 on, seconds, sorted: rate times seconds of them, each independent of the others."""
    draw = random.Random(seed)
    return sorted(draw.uniform(0.0, seconds) for _ in range(round(rate_per_s * seconds)))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank). Raises ValueError."""
    if not values or not 0 < share <= 1:
        raise ValueError("at least one value, and a share above 0 and up to 1")
    return sorted(values)[math.ceil(share * len(values)) - 1]


def waits(prefix: str, values_s: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the longest of waits in seconds, as milliseconds under names with a prefix."""
    return {
        f"{prefix}p50_ms": percentile(values_s, 0.50) * 1_000,
        f"{prefix}p99_ms": percentile(values_s, 0.99) * 1_000,
        f"{prefix}longest_ms": max(values_s) * 1_000,
    }
