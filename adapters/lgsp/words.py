"""A system's words as a table: which member carries which field of our record, and how its value is written there.

`say` turns groups into a view, `hear` turns what a system holds into groups. A view read back is `say(hear(wire))`, so
both sides of a comparison come out of one function; all that is asked of a kind is that saying what was heard of a said
value gives that value again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from adapters.lgsp.plain_text import clean
from adapters.lgsp.tables import read_rows
from contracts.adapter_port import CannotTranslate, View
from contracts.canonical import Json
from contracts.worker import GroupName, Groups

Turn: TypeAlias = Callable[[Json], Json]
"""One value into the other side's spelling; None when it cannot be said or read."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How values of one kind are written: ours to theirs, and theirs to ours."""

    say: Turn
    hear: Turn


Kinds: TypeAlias = Mapping[str, Callable[[str], Kind]]
"""Kind name → the kind for a pattern (regular expression) that the written value must match whole."""


@dataclass(frozen=True, slots=True)
class Word:
    """One member. `need` names what is missing when it is not said; `when` (member, value) must stand in the view."""

    name: str
    group: GroupName
    field: str
    say: Turn
    hear: Turn
    need: str
    when: tuple[str, Json] | None


@dataclass(frozen=True, slots=True)
class Words:
    """A system's table: all its words in the order of its members, and the same by group, ready to be said."""

    all: tuple[Word, ...]
    plan: tuple[tuple[GroupName, tuple[_Step, ...]], ...]


_Step: TypeAlias = tuple[str, str, Turn, tuple[str, Json] | None]
"""(field, member, say, when): a tuple, since unpacking one is what a hundred thousand views an hour are made of."""
_TRUTHS: Final[Mapping[str, Json]] = {"true": True, "false": False}


def read_words(package: str, kinds: Kinds) -> Words:
    """The table `words.csv` of a system's package. A `when` names a member that stands before it in the same group."""
    words = tuple(_word(row, kinds) for row in read_rows(package, "words.csv"))
    plan = tuple(
        (group, tuple((word.field, word.name, word.say, word.when) for word in words if word.group == group))
        for group in dict.fromkeys(word.group for word in words)
    )
    return Words(words, plan)


def _word(row: Mapping[str, str], kinds: Kinds) -> Word:
    kind = kinds[row["kind"]](row["pattern"])
    member, _, value = row["when"].partition("=")
    when = (member, _TRUTHS.get(value, value)) if member else None
    return Word(row["name"], cast(GroupName, row["group"]), row["field"], kind.say, kind.hear, row["need"], when)


def say(words: Words, groups: Groups) -> View:
    """What these groups are in the system's words; what it has no word for is left out."""
    view: View = {}
    for group, steps in words.plan:
        values = groups.get(group)
        if not values:
            continue
        for field, member, turn, when in steps:
            value = values.get(field)
            if value is None or (when is not None and view.get(when[0]) != when[1]):
                continue
            said = turn(value)
            if said is not None:
                view[member] = said
    return view


def demand(words: Words, view: View, groups: Groups) -> None:
    """Raises CannotTranslate when the view lacks what the system demands of every person."""
    for word in words.all:
        if word.need and word.name not in view:
            given = groups.get(word.group, {}).get(word.field)
            raise CannotTranslate(f"{word.need}-{'missing' if given is None else 'unfit'}")


def hear(words: Words, held: Mapping[str, Json]) -> Groups:
    """What a system holds, in our words. What it does not say, or says in no known way, is absent."""
    groups: Groups = {}
    for word in words.all:
        value = held.get(word.name)
        if value is None:
            continue
        heard = word.hear(value)
        if heard is not None:
            groups.setdefault(word.group, {})[word.field] = heard
    return groups


def only(groups: Groups, names: tuple[GroupName, ...]) -> Groups:
    """Those groups alone."""
    return {name: groups[name] for name in names if name in groups}


def text(_pattern: str) -> Kind:
    """Free text of at most 255 characters."""
    return Kind(clean, clean)


def code(pattern: str) -> Kind:
    """A code that both sides write alike. One that the system does not know is left unsaid, but heard."""
    fits = re.compile(pattern, re.ASCII).fullmatch

    def said(value: Json) -> Json:
        text = heard_text(value)
        return text if isinstance(text, str) and fits(text) else None

    return Kind(said, heard_text)


def heard_text(value: Json) -> Json:
    """A code as it stands; empty text says nothing."""
    return (value.strip() or None) if isinstance(value, str) else None


def flag(_pattern: str) -> Kind:
    """Yes or no."""
    return Kind(_truth, _truth)


def _truth(value: Json) -> Json:
    return value if isinstance(value, bool) else None


def mapped(ours_to_theirs: Mapping[str, Json], theirs_to_ours: Mapping[Json, str] | None = None) -> Kind:
    """Codes that differ, by a table; without the second table, by the first one read backwards."""
    back = theirs_to_ours if theirs_to_ours is not None else {said: ours for ours, said in ours_to_theirs.items()}

    def said(value: Json) -> Json:
        return ours_to_theirs.get(value) if isinstance(value, str) else None

    def heard(value: Json) -> Json:
        return back.get(value) if isinstance(value, str | int) and not isinstance(value, bool) else None

    return Kind(said, heard)


def code_list(pattern: str, ours_to_theirs: Mapping[str, str] | None = None) -> Kind:
    """A set of codes, written sorted, with the few that have another code over there. An empty one says nothing."""
    there = ours_to_theirs or {}
    back = {said: ours for ours, said in there.items()}
    fits = re.compile(pattern, re.ASCII).fullmatch

    def said(value: Json) -> Json:
        kept = {there.get(one, None if one in back else one) for one in _texts(value)}
        return [*sorted(one for one in kept if one is not None and fits(one))] or None

    def heard(value: Json) -> Json:
        return [*sorted({back.get(one, one) for one in _texts(value)})] or None

    return Kind(said, heard)


def _texts(value: Json) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
