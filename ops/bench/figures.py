"""Figures of repeated rounds: the median is quoted, the rounds are kept."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Row:
    """One line of the table: what was measured, its figures, and ratios against others of the same run."""

    number: int
    what: str
    database: str
    figures: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    rounds: list[dict[str, float]] = field(default_factory=list)


def median_of(rounds: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, float]:
    """The median of each figure over the rounds."""
    return {name: statistics.median(float(one[name]) for one in rounds) for name in names}


def median_ratio(
    ours: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]], mine: str, theirs: str
) -> float:
    """Median over the rounds of the ratio within the round, so that a slow minute slows both sides."""
    return statistics.median(float(one[mine]) / float(other[theirs]) for one, other in zip(ours, others, strict=True))
