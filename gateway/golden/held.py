"""What is held of one person: per group and speaker, that speaker's newest statement; and what follows from them.

Keeping one statement per speaker (a form version, or a system) makes merging a join: whatever the order of arrival,
the same statements remain, and the present values are a pure function of what remains. Losing values are these other
statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

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


def newer(one: GroupStatement, other: GroupStatement) -> bool:
    """Does `one` speak later than `other`, of the same speaker? Same-day ties: a replacement, then arrival."""
    return (one.as_of, one.replaces, one.order) > (other.as_of, other.replaces, other.order)


def ranked(group: GroupName, statements: dict[Speaker, GroupStatement]) -> list[GroupStatement]:
    """The statements of a group, most believed first: precedence, then date, then replacement, then arrival."""
    if len(statements) == 1:
        return list(statements.values())
    newest_first = sorted(statements.values(), key=lambda said: (said.as_of, said.replaces, said.order), reverse=True)
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
    for said in order[1:]:
        if group == "situation" and said.values.get("activity") != first.values.get("activity"):
            break
        for field, value in said.values.items():
            if field not in values:
                values[field] = value
    return values


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
