"""Roles: which loops of the house a process runs. One process may run them all; several share one database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, TypeVar, get_args

Role: TypeAlias = Literal["api", "relay", "propagate", "capture", "watch", "all"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
_Loop = TypeVar("_Loop")

_ROOMS: Final[Mapping[Role, frozenset[str]]] = {
    # What callers are told when they submit: which targets are paused; and how often they were refused.
    "api": frozenset({"notice", "refusals"}),
    # Chaining is the other thing that one process at a time does for all.
    "relay": frozenset({"relay", "chaining"}),
    # Verification reads the stream and asks a target, as propagation does; it scales with it.
    "propagate": frozenset({"wanted", "sender", "verification"}),
    "capture": frozenset({"capture"}),
    "watch": frozenset({"watch"}),
    "all": frozenset(
        {"notice", "refusals", "relay", "chaining", "wanted", "sender", "verification", "capture", "watch"}
    ),
}
_EVERYWHERE: Final = frozenset({"keys"})
"""Every process opens what is sealed, so each hears when the house keys are others."""


def loops_of(role: Role, loops: Mapping[str, _Loop]) -> dict[str, _Loop]:
    """The loops that a process of this role runs. A loop is named `room` or `room.part`."""
    rooms = _ROOMS[role] | _EVERYWHERE
    return {name: loop for name, loop in loops.items() if name.partition(".")[0] in rooms}


def has_doors(role: Role) -> bool:
    """Whether entries and questions come in here. The other roles answer /livez and /readyz alone."""
    return role in {"api", "all"}
