"""The scores of a record and of a commune, in the four families: Đúng, Đủ, Sạch, Sống."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from contracts.worker import GroupName, Groups, Provenance
from gateway.quality.facts import Facts, read_day
from gateway.quality.settings import POINTS_MAX, Colour, Expectation, Family, QualitySettings
from gateway.quality.subject import Subject
from gateway.quality.tally import NOTHING, Tally, scores_of, tallies_of
from gateway.quality.verdict import doubts_keys, findings_of

_INSTANT_DATE_LENGTH: Final = 10


@dataclass(frozen=True, slots=True)
class Scores:
    """Tallies by family, and how many records have a doubt about what identifies the person.

    Such a doubt ends when the population database confirms who it is: a number may differ from sex or year of birth.
    """

    tallies: Mapping[Family, Tally] = field(default_factory=dict)
    records: int = 0
    key_doubts: int = 0

    def score(self, family: Family) -> int | None:
        """0-100, None when not applicable."""
        return self.tallies.get(family, NOTHING).score

    def colour(self, family: Family, settings: QualitySettings) -> Colour | None:
        """Green, yellow or red. Of identity keys 100 is demanded: one doubt, and `correct` is red."""
        found = settings.colour(self.score(family))
        return "red" if found is not None and family == "correct" and self.key_doubts else found

    def shown(self, settings: QualitySettings) -> dict[Family, int | None]:
        """The scores of the families that are configured, in their order."""
        return {family: self.score(family) for family in settings.families}


class Judged(NamedTuple):
    """Correct, complete and clean of a merged record, and whether a rule doubts a number that identifies the person."""

    scores: dict[str, int | None]
    keys_doubted: bool


def judge_record(groups: Groups, as_of: str, settings: QualitySettings) -> Judged:
    """What is stored with a merged record. `as_of`: its latest statement's day."""
    facts = _facts(groups, as_of, settings)
    findings = findings_of(facts)
    scores = {**scores_of(facts, findings), "complete": _completeness(facts).score}
    return Judged(scores, doubts_keys(facts, findings))


def score_record(
    groups: Groups, provenance: Mapping[GroupName, Provenance], today: dt.date, settings: QualitySettings
) -> Scores:
    """All four families of one record on a civil day."""
    as_of = max((one.as_of for one in provenance.values()), default=today.isoformat())
    tallies, keys_doubted = _judged(groups, as_of, settings)
    basic = provenance.get("basic")
    confirmed = basic is not None and basic.verified_at is not None
    return Scores({**tallies, "live": freshness(provenance, today, settings)}, 1, int(keys_doubted and not confirmed))


def score_commune(records: Iterable[Scores]) -> Scores:
    """The scores of many together: points and expectations are added, so that what expects more weighs more."""
    tallies: dict[Family, Tally] = {}
    count = doubts = 0
    for record in records:
        count += record.records
        doubts += record.key_doubts
        for family, tally in record.tallies.items():
            tallies[family] = tallies.get(family, NOTHING).plus(tally)
    return Scores(tallies, count, doubts)


def freshness(provenance: Mapping[GroupName, Provenance], today: dt.date, settings: QualitySettings) -> Tally:
    """How live the groups are. The UTC date of a confirmation may be a day before Vietnam's: not worth a clock here."""
    tally = NOTHING
    for group, source in provenance.items():
        days = settings.fresh_days.get(group)
        confirmed = read_day(source.confirmed_at[:_INSTANT_DATE_LENGTH])
        if days is not None:
            tally = tally.plus(Tally(_fresh_points(confirmed, today, days), 1))
    return tally


def _fresh_points(confirmed: dt.date | None, today: dt.date, days: int) -> int:
    if confirmed is None:
        return 0
    overdue = (today - confirmed).days - days
    return POINTS_MAX if overdue <= 0 else max(0, POINTS_MAX - POINTS_MAX * overdue // days)


def _facts(groups: Groups, as_of: str, settings: QualitySettings) -> Facts:
    # As if received on its own day: how old it is, is the freshness's business.
    return Facts(Subject(None, {}, groups, as_of, read_day(as_of) or dt.date.min, settings))


def _judged(groups: Groups, as_of: str, settings: QualitySettings) -> tuple[dict[Family, Tally], bool]:
    """Tallies, and whether something is doubted about the keys."""
    facts = _facts(groups, as_of, settings)
    findings = findings_of(facts)
    tallies = tallies_of(facts, findings)
    tallies["complete"] = _completeness(facts)
    return tallies, doubts_keys(facts, findings)


def _completeness(facts: Facts) -> Tally:
    groups = facts.subject.groups
    asked = met = 0
    for expectation in facts.settings.expected:
        if expectation.activity is None or expectation.activity == facts.activity:
            asked += 1
            met += _met(expectation, groups)
    return Tally(met * POINTS_MAX, asked)


def _met(expectation: Expectation, groups: Groups) -> bool:
    for group, field_name in expectation.any_of:
        values = groups.get(group)
        if values and values.get(field_name) is not None:
            return True
    return False
