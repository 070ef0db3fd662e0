"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sizes:
    """`rows`: entries of the bulk row; `populations`: entries loaded before growth is measured.

    `backlog`: events that wait for the relay; `steady_s`: how long each steady rate lasts; `rates_per_s`: of entries.
    """

    rounds: int = 3
    round_s: float = 4.0
    warm_up_s: float = 1.5
    rows: int = 20_000
    populations: tuple[int, ...] = (10_000, 100_000)
    sample: int = 4_000
    backlog: int = 60_000
    steady_s: float = 15.0
    rates_per_s: tuple[int, ...] = (50, 200)


QUICK: Final = Sizes(
    rounds=1,
    round_s=1.5,
    warm_up_s=0.5,
    rows=3_000,
    populations=(2_000, 6_000),
    sample=1_000,
    backlog=6_000,
    steady_s=4.0,
    rates_per_s=(50,),
)
FULL: Final = Sizes(rows=1_000_000, populations=(10_000, 100_000, 1_000_000))
