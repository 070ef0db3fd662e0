"""What is held of one person: per group and speaker, that speaker's newest statement; and what follows from them.

Keeping what each speaker (a form version, or a system) said last makes merging a join: whatever the order of arrival,
the same statements remain, and the present values are a pure function of what remains. Losing values are these other
statements. Where a speaker's newest statement did not ask everything, as when a system first tells all and later only
confirms a name, the earlier one stays beside it for what it alone says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from contracts.canonical import Json
from contracts.worker import GroupName, Groups, Provenance, Source, Values
from gateway.golden.precedence import rank

Speaker: TypeAlias = str
"""`form:tt11_mau03`, `form:nd318`, `population`, `social_insurance`, `labour_market`."""


@dataclass(frozen=True, slots=True)
class GroupStatement:
    """One speaker's newest word on one group.

    `as_of` is the statement's own civil date, `replaces` says that it corrects an earlier entry, `order` is its arrival
    (an entry id: UUIDv7, so text order is arrival order). `values` holds only what was asked.
    """

    source: Source
    as_of: str
    replaces: bool
    order: str
    verified_at: str | None
    confirmed_at: str
    values: Values


HeldStatements: TypeAlias = dict[GroupName, dict[Speaker, GroupStatement]]
"""A speaker's newest statement stands under its name, an earlier one that still counts under `name#order`."""

_EARLIER: Final = "#"


def _moment(said: GroupStatement) -> tuple[str, bool, str]:
    """What decides which of two statements of equal rank is the later: date, then a replacement, then arrival."""
    return said.as_of, said.replaces, said.order


def speak(
    statements: dict[Speaker, GroupStatement], speaker: Speaker, said: GroupStatement
) -> dict[Speaker, GroupStatement]:
    """The statements of a group after `speaker` has spoken once more, earlier or later than before.

    Of one speaker the newest remains, and those that say something no later one speaks of: at most one per field.
    """
    known = statements.get(speaker)
    if known is None:
        return {**statements, speaker: said}
    earlier_name = speaker + _EARLIER
    earlier = [name for name in statements if name.startswith(earlier_name)]
    if not earlier and said.values.keys() == known.values.keys():
        return {**statements, speaker: max(known, said, key=_moment)}
    own = {one.order: one for one in (said, known, *(statements[name] for name in earlier))}
    newest, *older = sorted(own.values(), key=_moment, reverse=True)
    after = {name: one for name, one in statements.items() if name not in earlier}
    after[speaker] = newest
    covered = set(newest.values)
    for one in older:
        if one.values.keys() - covered:
            after[earlier_name + one.order] = one
            covered |= one.values.keys()
    return after


def ranked(group: GroupName, statements: dict[Speaker, GroupStatement]) -> list[GroupStatement]:
    """The statements of a group, most believed first: precedence, then date, then replacement, then arrival."""
    if len(statements) == 1:
        return list(statements.values())
    newest_first = sorted(statements.values(), key=_moment, reverse=True)
    return sorted(newest_first, key=lambda said: rank(group, said.source))


def present_values(group: GroupName, order: list[GroupStatement]) -> Values:
    """The group's values: the first statement whole, and what it did not ask from the next ones.

    In the situation group that walk ends at the first statement with another activity: an employer known from when the
    person last had work says nothing about the work found since.
    """
    first = order[0]
    if len(order) == 1:
        return first.values
    values = dict(first.values)
    activity = _activity(first) if group == "situation" else None
    for said in order[1:]:
        if group == "situation":
            spoken = _activity(said)
            if _UNSPOKEN not in (activity, spoken) and spoken != activity:
                break
            activity = spoken if activity == _UNSPOKEN else activity
        for field, value in said.values.items():
            if field not in values:
                values[field] = value
    return values


_UNSPOKEN: Final = "unspoken"
_OF_ACTIVITY: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("3", frozenset({"inactive_reason"})),
    ("2", frozenset({"unemployment_history", "unemployment_duration", "unemployment_reason"})),
)


def _activity(said: GroupStatement) -> Json:
    """The activity a situation statement speaks of, also when it was not asked: who names an employer says "works"."""
    if "activity" in said.values:
        return said.values["activity"]
    told = {field for field, value in said.values.items() if value is not None and value is not False}
    for activity, fields in _OF_ACTIVITY:
        if told & fields:
            return activity
    return "1" if told else _UNSPOKEN


def resolve(held: HeldStatements) -> tuple[Groups, dict[GroupName, Provenance]]:
    """Present values and their provenance, group by group."""
    groups: Groups = {}
    provenance: dict[GroupName, Provenance] = {}
    for group, statements in held.items():
        order = ranked(group, statements)
        first = order[0]
        groups[group] = present_values(group, order)
        provenance[group] = Provenance(first.source, first.as_of, first.verified_at, first.confirmed_at)
    return groups, provenance
