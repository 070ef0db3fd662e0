"""Counting outcomes: by state, and by rule with the first rows and what to do. Its size does not grow with the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.cli.submitting.outcome import GOOD, STATES, Outcome

ROWS_NAMED_MAX: Final = 5


@dataclass(slots=True)
class Reason:
    """One rule over the whole file."""

    rule: str
    severity: str
    message: str
    remedy: str
    count: int = 0
    first_rows: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Summary:
    """What became of the file so far."""

    states: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Reason] = field(default_factory=dict)

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count some rows."""
        for one in outcomes:
            self.states[one.state] += 1
            for remark in one.remarks:
                known = self.reasons.get(remark.rule)
                if known is None:
                    known = Reason(remark.rule, remark.severity, remark.message, remark.remedy)
                    self.reasons[remark.rule] = known
                known.count += 1
                if len(known.first_rows) < ROWS_NAMED_MAX and one.row not in known.first_rows:
                    known.first_rows.append(one.row)

    @property
    def rows(self) -> int:
        """Rows counted."""
        return sum(self.states.values())

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left for a person to do."""
        return all(state in GOOD for state, count in self.states.items() if count)

    def weightiest_first(self) -> list[Reason]:
        """Reasons that keep rows from the record first, then by how often."""
        order = {"refuse": 0, "warn": 1, "note": 2}
        return sorted(self.reasons.values(), key=lambda one: (order.get(one.severity, 3), -one.count, one.rule))

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        reasons = [
            {
                "rule": one.rule,
                "severity": one.severity,
                "count": one.count,
                "first_rows": one.first_rows,
                "message": one.message,
                "remedy": one.remedy,
            }
            for one in self.weightiest_first()
        ]
        return {"rows": self.rows, "states": {state: self.states[state] for state in STATES}, "reasons": reasons}
