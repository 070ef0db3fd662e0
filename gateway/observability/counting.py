"""Counting where the work is done: a few plain integers, cheap enough for the way that every entry takes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence


class Tally:
    """How often each label came. Its writers must not run at the same time; readers may, in any thread."""

    def __init__(self, *known: tuple[str, ...]) -> None:
        """`known` labels are shown from the start with 0, so that a first time is seen as a rise."""
        self._counts = dict.fromkeys(known, 0)

    def add(self, labels: tuple[str, ...], count: int = 1) -> None:
        """Count."""
        self._counts[labels] = self._counts.get(labels, 0) + count

    def values(self) -> Mapping[tuple[str, ...], float]:
        """So far."""
        return dict(self._counts)  # copied in one step of the interpreter


class Distribution:
    """How large things were: counts per bucket, and their sum. Writers as with `Tally`."""

    def __init__(self, bounds: Sequence[float]) -> None:
        """`bounds`: upper bounds of the buckets, ascending; what is larger is counted too."""
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count one."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def cumulated(self) -> tuple[list[tuple[str, int]], float]:
        """(upper bound as text, how many were at most so large), and the sum of all."""
        names = [*map(str, self._bounds), "+Inf"]
        return list(zip(names, _running(list(self._counts)), strict=True)), self._sum


def _running(counts: Iterable[int]) -> Iterable[int]:
    total = 0
    for count in counts:
        total += count
        yield total
