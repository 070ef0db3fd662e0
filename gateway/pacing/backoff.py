"""How long one person's message waits before it is tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_DOUBLINGS_MAX: Final = 32


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential with full jitter: rows that failed together must not come back together."""

    first_s: float = 0.5
    longest_s: float = 30.0

    def __post_init__(self) -> None:
        if not 0 < self.first_s <= self.longest_s:
            raise ValueError("0 < first_s <= longest_s")

    def delay_s(self, attempts: int, draw: Callable[[], float]) -> float:
        """Seconds to wait after the `attempts`-th failure (from 1); `draw` gives a number in [0, 1)."""
        ceiling = self.first_s * float(1 << min(max(attempts - 1, 0), _DOUBLINGS_MAX))
        return min(ceiling, self.longest_s) * draw()
