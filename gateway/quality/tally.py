"""Scores as points met of points expected, so that those of a commune are the sums of its people's.

A field that is judged expects 100 points; the gravest finding on it takes some away (`QualitySettings.weights`). A
family with nothing to judge has no score: it is "not applicable", never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from contracts.entry import Finding
from contracts.forms import spec
from gateway.quality.facts import Facts
from gateway.quality.registry import family_of
from gateway.quality.settings import POINTS_MAX, Family, QualitySettings


class Tally(NamedTuple):
    """`expected` counts what was judged, `points` (0 to 100 each) what was met."""

    points: int = 0
    expected: int = 0

    @property
    def score(self) -> int | None:
        """0-100, rounded down so that 100 means all of it; None when nothing was expected."""
        return self.points // self.expected if self.expected else None

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(self.points + other.points, self.expected + other.expected)


NOTHING: Final = Tally()
JUDGED: Final[tuple[Family, ...]] = ("correct", "complete", "clean")
"""The families that a verdict scores; how live a record is depends on the day of asking."""


def tallies_of(facts: Facts, findings: Iterable[Finding]) -> dict[Family, Tally]:
    """Correct, complete and clean of one statement, from what the rules found."""
    faults = _faults(findings, facts.settings)
    answered = _answered(facts)
    asked = _asked(facts)
    return {
        "correct": _tally(answered, faults.get("correct")),
        "complete": _tally(asked, faults.get("complete")),
        "clean": _tally(answered, faults.get("clean")),
    }


def scores_of(facts: Facts, findings: list[Finding]) -> dict[str, int | None]:
    """The scores of `tallies_of`; most statements have no fault, and then nothing is counted."""
    faults = _faults(findings, facts.settings) if findings else {}
    if faults:
        return {family: tally.score for family, tally in tallies_of(facts, findings).items()}
    whole = POINTS_MAX if any(facts.subject.groups.values()) else None
    return {"correct": whole, "complete": None if facts.form is None else POINTS_MAX, "clean": whole}


def _faults(findings: Iterable[Finding], settings: QualitySettings) -> dict[Family, dict[str, int]]:
    """Family → field → points lost."""
    faults: dict[Family, dict[str, int]] = {}
    for finding in findings:
        weight = settings.weights[finding.severity]
        if weight:
            lost = faults.setdefault(family_of(finding.rule), {})
            for field in finding.fields:
                lost[field] = max(weight, lost.get(field, 0))
    return faults


def _tally(expected: int, faults: dict[str, int] | None) -> Tally:
    lost = sum(faults.values()) if faults else 0
    return Tally(max(0, expected * POINTS_MAX - lost), expected)


def _answered(facts: Facts) -> int:
    if facts.form is not None:
        return sum(value is not None for value in facts.fields.values())
    return sum(value is not None for values in facts.subject.groups.values() for value in values.values())


def _asked(facts: Facts) -> int:
    if facts.form is None:
        return 0
    return sum(field.demanded(facts.fields) for field in spec(facts.form).fields)
