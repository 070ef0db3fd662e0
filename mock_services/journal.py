"""Calls seen: the last ones in full, all of them as counts."""

from __future__ import annotations

from collections import Counter, deque
from itertools import islice
from typing import Any, NamedTuple

from mock_services.instants import iso, now_ms

KEPT_MAX = 10_000
SHOWN_MAX = 1_000


class Seen(NamedTuple):
    """One call."""

    at_ms: int
    operation: str
    people: tuple[str, ...]
    outcome: str
    status: int
    fault: str | None
    took_ms: float
    traceparent: str | None = None


class Journal:
    """Bounded memory of calls."""

    def __init__(self) -> None:
        self._seen: deque[Seen] = deque(maxlen=KEPT_MAX)
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(
        self,
        operation: str,
        people: tuple[str, ...],
        outcome: str,
        status: int,
        fault: str | None,
        took_ms: float,
        traceparent: str | None = None,
    ) -> None:
        """Write down one call."""
        self._seen.append(Seen(now_ms(), operation, people, outcome, status, fault, took_ms, traceparent))
        self._counts[operation, outcome] += 1

    def show(self, operation: str | None, person: str | None, outcome: str | None, limit: int) -> dict[str, Any]:
        """Newest first; `counts` covers every call since the last clearing, filters or not."""
        fitting = (
            seen
            for seen in reversed(self._seen)
            if (operation is None or seen.operation == operation)
            and (person is None or person in seen.people)
            and (outcome is None or seen.outcome == outcome)
        )
        counts: dict[str, dict[str, int]] = {}
        for (name, result), count in self._counts.items():
            counts.setdefault(name, {})[result] = count
        return {"calls": [_shown(seen) for seen in islice(fitting, min(limit, SHOWN_MAX))], "counts": counts}

    def clear(self) -> None:
        """Forget all calls."""
        self._seen.clear()
        self._counts.clear()


def _shown(seen: Seen) -> dict[str, Any]:
    return {
        "at": iso(seen.at_ms),
        "operation": seen.operation,
        "people": list(seen.people),
        "outcome": seen.outcome,
        "status": seen.status,
        "fault": seen.fault,
        "took_ms": round(seen.took_ms, 2),
        "traceparent": seen.traceparent,
    }
