"""Merging one statement into what is held. Pure; commutative over arrival wherever precedence and dates decide."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts.worker import GroupName, Groups, Provenance, Source, Values, group_names
from gateway.golden.held import GroupStatement, HeldStatements, Speaker, present_values, ranked, speak
from gateway.golden.precedence import rank


@dataclass(frozen=True, slots=True)
class Observation:
    """What one source said of one person at one time.

    `order` is the entry's id; `observed_at` its arrival (UTC). `verified` only from the population database.
    """

    speaker: Speaker
    source: Source
    as_of: str
    order: str
    observed_at: str
    groups: Groups
    verified: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """The outcome: what is held now, its present values, and which groups changed value, winning source or
    verification. With `changed` empty there is no new version and no event; confirmed-at may still be renewed.
    `late` names groups in which a newer statement of equal precedence stands against this one."""

    held: HeldStatements
    groups: Groups
    provenance: dict[GroupName, Provenance]
    changed: tuple[GroupName, ...]
    late: tuple[GroupName, ...]


def merge(held: HeldStatements, observation: Observation) -> Merge:
    """Join `observation` into `held`; `held` itself is left as it is."""
    if not held:
        return _first(observation)
    after: HeldStatements = dict(held)
    changed: list[GroupName] = []
    late: list[GroupName] = []
    groups: Groups = {}
    provenance: dict[GroupName, Provenance] = {}
    for group in group_names(held.keys() | observation.groups.keys()):
        before = held.get(group, {})
        if group in observation.groups:
            after[group] = _join(group, before, observation)
        order = ranked(group, after[group])
        first = order[0]
        groups[group] = present_values(group, order)
        provenance[group] = Provenance(first.source, first.as_of, first.verified_at, first.confirmed_at)
        if group in observation.groups:
            if first.order != observation.order and rank(group, first.source) == rank(group, observation.source):
                late.append(group)
            if _differs(group, before, first, groups[group]):
                changed.append(group)
    return Merge(after, groups, provenance, tuple(changed), tuple(late))


def _first(observation: Observation) -> Merge:
    """Nothing was held: what is said is all there is."""
    names = tuple(group_names(observation.groups))
    said = {group: _statement(group, observation) for group in names}
    provenance = {
        group: Provenance(one.source, one.as_of, one.verified_at, one.confirmed_at) for group, one in said.items()
    }
    held: HeldStatements = {group: {observation.speaker: one} for group, one in said.items()}
    return Merge(held, {group: one.values for group, one in said.items()}, provenance, names, ())


def _statement(group: GroupName, observation: Observation) -> GroupStatement:
    return GroupStatement(
        source=observation.source,
        as_of=observation.as_of,
        replaces=observation.replaces,
        order=observation.order,
        verified_at=observation.observed_at if observation.verified else None,
        confirmed_at=observation.observed_at,
        values=observation.groups[group],
    )


def _join(
    group: GroupName, before: dict[Speaker, GroupStatement], observation: Observation
) -> dict[Speaker, GroupStatement]:
    said = _statement(group, observation)
    said = _keep_verification(said, before.get(observation.speaker))
    return _confirm_agreeing(group, speak(before, observation.speaker, said), said)


def _keep_verification(said: GroupStatement, known: GroupStatement | None) -> GroupStatement:
    """A repeated answer keeps the instant of the first: verifying again what was verified is no change."""
    if known is None or known.verified_at is None or said.verified_at is None:
        return said
    return replace(said, verified_at=known.verified_at) if known.values == said.values else said


def _confirm_agreeing(
    group: GroupName, statements: dict[Speaker, GroupStatement], said: GroupStatement
) -> dict[Speaker, GroupStatement]:
    """Whoever says the same as the believed statement renews its confirmed-at (Sống needs it)."""
    first = ranked(group, statements)[0]
    if first.confirmed_at >= said.confirmed_at or first.as_of > said.as_of or not _agrees(said, first):
        return statements
    return {
        speaker: replace(other, confirmed_at=said.confirmed_at) if other is first else other
        for speaker, other in statements.items()
    }


def _agrees(said: GroupStatement, first: GroupStatement) -> bool:
    return all(first.values.get(field) == value for field, value in said.values.items() if field in first.values)


def _differs(group: GroupName, before: dict[Speaker, GroupStatement], first: GroupStatement, values: Values) -> bool:
    if not before:
        return True
    order = ranked(group, before)
    was = order[0]
    return (
        was.source != first.source
        or (was.verified_at is None) != (first.verified_at is None)
        or present_values(group, order) != values
    )
