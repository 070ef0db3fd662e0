"""What counts as good data: criteria and thresholds, with the packaged proposal (`criteria.toml`) as defaults."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, Literal, Self, TypeAlias, cast

from contracts.entry import Severity
from contracts.worker import GroupName

Family: TypeAlias = Literal["correct", "complete", "clean", "live"]
Colour: TypeAlias = Literal["green", "yellow", "red"]
FAMILIES: Final[tuple[Family, ...]] = ("correct", "complete", "clean", "live")
POINTS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Expectation:
    """A record holds a value at one of these paths (`group.field`); `activity`: only people of that activity."""

    any_of: tuple[tuple[GroupName, str], ...]
    activity: str | None = None


@cache
def _packaged() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("criteria.toml").read_text(encoding="utf-8"))


def _frozen(name: str, value: Any) -> Any:
    """A value of a TOML file as settings hold it."""
    if name == "expected":
        return tuple(_expectation(row) for row in value)
    if isinstance(value, list):
        return tuple(value)
    return MappingProxyType(value) if isinstance(value, dict) else value


def _expectation(row: Mapping[str, Any]) -> Expectation:
    return Expectation(tuple(cast(Any, tuple(path.split("."))) for path in row["any_of"]), row.get("activity"))


def _default(name: str) -> Callable[[], Any]:
    return lambda: _frozen(name, _packaged()[name])


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """Every criterion that a province may want otherwise. Ages in completed years, scores 0-100, weights in points."""

    families: tuple[Family, ...] = field(default_factory=_default("families"))
    green_min: int = field(default_factory=_default("green_min"))
    yellow_min: int = field(default_factory=_default("yellow_min"))
    identity_keys: tuple[str, ...] = field(default_factory=_default("identity_keys"))
    age_min: int = field(default_factory=_default("age_min"))
    age_doubtful_above: int = field(default_factory=_default("age_doubtful_above"))
    age_impossible_above: int = field(default_factory=_default("age_impossible_above"))
    retired_age_min: int = field(default_factory=_default("retired_age_min"))
    student_age_max: int = field(default_factory=_default("student_age_max"))
    stale_after_months: int = field(default_factory=_default("stale_after_months"))
    collection_days_max: int = field(default_factory=_default("collection_days_max"))
    survey_excludes_activities: tuple[str, ...] = field(default_factory=_default("survey_excludes_activities"))
    province: str = field(default_factory=_default("province"))
    weights: Mapping[Severity, int] = field(default_factory=_default("weights"))
    fresh_days: Mapping[GroupName, int] = field(default_factory=_default("fresh_days"))
    expected: tuple[Expectation, ...] = field(default_factory=_default("expected"))

    def __post_init__(self) -> None:
        if not 0 <= self.yellow_min <= self.green_min <= POINTS_MAX:
            raise ValueError("0 <= yellow_min <= green_min <= 100")
        if self.weights.keys() != {"refuse", "warn", "note"}:
            raise ValueError("weights are given for refuse, warn and note")
        if not all(0 <= weight <= POINTS_MAX for weight in self.weights.values()):
            raise ValueError("weights are points of 100")
        if not all(days > 0 for days in self.fresh_days.values()):
            raise ValueError("fresh_days start at 1")
        if not 0 < self.age_min <= self.age_doubtful_above <= self.age_impossible_above:
            raise ValueError("ages must rise: age_min, age_doubtful_above, age_impossible_above")

    @classmethod
    def read(cls, text: str) -> Self:
        """Settings from a TOML text built like `criteria.toml`; what it leaves out is as packaged.

        A table or list replaces the packaged one whole. Raises ValueError for names that do not exist, for values
        that make no sense, and for text that is no TOML.
        """
        given = tomllib.loads(text)
        unknown = given.keys() - _packaged().keys()
        if unknown:
            raise ValueError(f"no such criteria: {', '.join(sorted(unknown))}")
        return cls(**{name: _frozen(name, value) for name, value in given.items()})

    def colour(self, score: int | None) -> Colour | None:
        """The colour of a score; None for a family without expectation."""
        if score is None:
            return None
        if score >= self.green_min:
            return "green"
        return "yellow" if score >= self.yellow_min else "red"
