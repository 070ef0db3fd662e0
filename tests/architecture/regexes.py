"""Whether a regular expression can be made to take more than linear time: read from its parse tree, never measured.

A backtracking search is linear when nothing can be divided among its repetitions in more than one way. Three rules give
that, each stricter than need be: a long repetition is of single characters; two long repetitions that can meet share
no character; and one that is searched for, with something to come behind it, does not begin anew inside itself.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, TypeAlias

_parser: Any = importlib.import_module("re._parser")
_compiler: Any = importlib.import_module("re._compiler")
Node: TypeAlias = tuple[Any, Any]
LONG: Final = 100
"""A repetition that may go on for more than so many characters counts as endless."""
_CHARACTERS: Final = tuple(map(chr, [*range(0x250), 0x300, 0x4E00, 0x1EA1, 0x2019, 0x2028, 0xFFFD, 0x1F600]))
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_WIDTHLESS: Final = frozenset({"AT", "ASSERT", "ASSERT_NOT"})


def faults(pattern: str | bytes, flags: int, *, searched: bool) -> list[str]:
    """What could make it slow; empty when it is linear."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    tree = _parser.parse(text, flags & ~re.LOCALE)
    found = list(_faults(list(tree), [], [], tree.state.flags, searched))
    return sorted(set(found))


def _faults(nodes: Sequence[Node], before: list[Node], behind: list[Node], flags: int, searched: bool) -> Iterator[str]:
    for index, node in enumerate(nodes):
        earlier, later = [*before, *nodes[:index]], [*nodes[index + 1 :], *behind]
        if _is_long(node):
            yield from _long(node, earlier, later, flags, searched)
        for branch in _branches(node):
            yield from _faults(branch, earlier, later, flags, searched)


def _long(node: Node, before: list[Node], behind: list[Node], flags: int, searched: bool) -> Iterator[str]:
    body = list(node[1][2])
    if len(body) != 1 or _branches(body[0]) or str(body[0][0]) in _WIDTHLESS:
        yield "a long repetition of more than single characters"
        return
    here = _set(body[0], flags)
    if _meets(here, behind, flags)[0]:
        yield "two long repetitions that can share characters"
    starts_inside = all(_can_be_of(here, one, flags) for one in before)
    if (
        searched
        and starts_inside
        and not _always_ends(here, behind, flags)
        and any(_is_demanded(one) for one in behind)
    ):
        yield "searched for, and can begin anew inside itself"


def _meets(here: frozenset[str], behind: Sequence[Node], flags: int) -> tuple[bool, bool]:
    """Whether another long repetition of the same characters can follow; and whether what is behind can be passed."""
    for node in behind:
        name, demanded = str(node[0]), _is_demanded(node)
        if name in _WIDTHLESS:
            continue
        branches = _branches(node)
        if _is_long(node):
            if here & _all(node, flags):
                return True, True
            passed = False
        elif branches:
            results = [_meets(here, branch, flags) for branch in branches]
            if any(fault for fault, _ in results):
                return True, True
            passed = any(open_ for _, open_ in results)
        else:
            passed = bool(here & _set(node, flags))
        if demanded and not passed:
            return False, False
    return False, True


def _always_ends(here: frozenset[str], behind: Sequence[Node], flags: int) -> bool:
    """Whether what comes next takes any other character, and the end as well: then no attempt is in vain."""
    if not behind or str(behind[0][0]) != "BRANCH":
        return False
    branches = _branches(behind[0])
    taken = [[_set(one, flags) for one in branch if _is_demanded(one)] for branch in branches if _no_end(branch)]
    rest = frozenset(_CHARACTERS) - here
    return len(taken) < len(branches) and any(len(sets) == 1 and sets[0] >= rest for sets in taken)


def _no_end(branch: list[Node]) -> bool:
    return [str(part) for node in branch for part in node] != ["AT", "AT_END_STRING"]


def _can_be_of(here: frozenset[str], node: Node, flags: int) -> bool:
    return not _is_demanded(node) or str(node[0]) in _WIDTHLESS or bool(here & _all(node, flags))


def _is_long(node: Node) -> bool:
    return str(node[0]) in _REPEATS and (node[1][1] is _parser.MAXREPEAT or node[1][1] > LONG)


def _is_demanded(node: Node) -> bool:
    if str(node[0]) in _WIDTHLESS:
        return str(node[1]) not in {"AT_BEGINNING", "AT_BEGINNING_STRING"}
    if str(node[0]) in _REPEATS and node[1][0] == 0:
        return False
    branches = _branches(node)
    return not branches or all(any(map(_is_demanded, branch)) for branch in branches)


def _branches(node: Node) -> list[list[Node]]:
    name, value = str(node[0]), node[1]
    if name in _REPEATS:
        return [list(value[2])]
    if name == "SUBPATTERN":
        return [list(value[3])]
    if name == "BRANCH":
        return [list(branch) for branch in value[1]]
    if name == "ATOMIC_GROUP":
        return [list(value)]
    return []


def _all(node: Node, flags: int) -> frozenset[str]:
    branches = _branches(node)
    if not branches:
        return frozenset() if str(node[0]) in _WIDTHLESS else _set(node, flags)
    return frozenset().union(*(_all(inner, flags) for branch in branches for inner in branch))


def _set(node: Node, flags: int) -> frozenset[str]:
    return _matched(repr(node), flags, _Box(node))


class _Box:
    """A node of a parse tree, which has no hash of its own."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Box)


@cache
def _matched(_name: str, flags: int, box: _Box) -> frozenset[str]:
    state = _parser.State()
    state.flags = flags
    alone = _compiler.compile(_parser.SubPattern(state, [box.node]), flags)
    return frozenset(filter(alone.match, _CHARACTERS))
