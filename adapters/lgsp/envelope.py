"""Errors told inside an answer: where each service puts its code, and which codes mean what, read from tables.

`contracts/external/envelopes.csv` is the other systems' word on places and codes; `causes.csv` gives each code our
name. A lack of licence or right is `later` there although they say "no": the fault is not the message's, and lasts only
until somebody grants it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

from adapters.lgsp.faults import not_an_answer
from adapters.lgsp.tables import read_rows
from contracts.adapter_port import Delivered, Outcome, Refused, TryLater
from contracts.canonical import Json

Format: TypeAlias = Literal["json", "xml"]
Lookup: TypeAlias = Callable[[str], str | None]
"""The text at a path of the answer; None when nothing is there."""

_EVERY_SERVICE: Final = "*"
_PLATFORM: Final = "lgsp"


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the table: where a code stands, and what its values mean. Without `success`, no code is success."""

    system: str
    service: str
    list_path: str
    code_path: str
    success: frozenset[str]
    retryable: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """A code that is no success. `cause` is ours; the other system's free text is not kept, as it may name people."""

    code: str
    cause: str
    later: bool

    def error(self) -> TryLater | Refused:
        """As the error that an adapter raises or gives as an outcome."""
        return (TryLater if self.later else Refused)(self.cause, f"code {self.code}")


@cache
def _table() -> tuple[dict[str, str], ...]:
    return tuple(read_rows("contracts", "external", "envelopes.csv"))


@cache
def _causes() -> dict[tuple[str, str, str], tuple[str, bool]]:
    rows = read_rows("adapters.lgsp", "causes.csv")
    return {(row["system"], row["scope"], row["code"]): (row["cause"], row["later"] == "yes") for row in rows}


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split("|")) - {""}


@cache
def places(system: str, service: str, scope: str, form: Format) -> tuple[Place, ...]:
    """The rows that hold for a service: its own first, then the system's, then the platform's."""
    wanted = ((system, service), (system, _EVERY_SERVICE), (_PLATFORM, _EVERY_SERVICE))
    return tuple(
        Place(
            row["system"],
            row["service"],
            row["list_path"],
            row["code_path"],
            _codes(row["success"]),
            _codes(row["retryable"]),
        )
        for named in dict.fromkeys(wanted)
        for row in _table()
        if (row["system"], row["service"]) == named and row["scope"] == scope and row["format"] == form
    )


def judged(system: str, scope: str, place: Place, code: str) -> Fault | None:
    """What a code found at a place means; None for success."""
    if code in place.success:
        return None
    # The same code may mean two things in two places of one answer, so a cause may name its place.
    names = ((system, scope, f"{place.code_path}:{code}"), (system, scope, code), (_PLATFORM, scope, code))
    known = next((_causes()[name] for name in names if name in _causes()), None)
    # The platform never judges what a message says, so its faults are never the message's.
    later = code in place.retryable or (place.system == _PLATFORM and place.service == _EVERY_SERVICE)
    if known is None:
        return Fault(code[:40], "server-error" if later else "unknown-code", later)
    return Fault(code, known[0], later or known[1])


def fault_in(system: str, service: str, form: Format, lookup: Lookup) -> Fault | None:
    """The fault of a whole answer. A service that must say "success" and says nothing has not answered (TryLater)."""
    silent = False
    for place in places(system, service, "whole", form):
        code = lookup(place.code_path)
        if code is None:
            silent = silent or (bool(place.success) and place.service == service)
            continue
        fault = judged(system, "whole", place, code)
        if fault is not None or place.service == service:
            return fault
    if silent:
        raise not_an_answer("no code in the answer")
    return None


def item_place(system: str, service: str, form: Format) -> Place:
    """Where the code of one item stands."""
    return places(system, service, "item", form)[0]


def item_outcome(system: str, place: Place, code: object) -> Outcome:
    """What became of one item. One without a code has no outcome: the same again later."""
    if not isinstance(code, str):
        return not_an_answer("an item without a code")
    fault = judged(system, "item", place, code)
    return fault.error() if fault is not None else Delivered()


def fault_in_json(system: str, service: str, answer: dict[str, Json]) -> Fault | None:
    """`fault_in` for a JSON answer; paths are dotted."""
    return fault_in(system, service, "json", lambda path: _at(answer, path.split(".")))


def _at(answer: Json, steps: list[str]) -> str | None:
    value = answer
    for step in steps:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def listed_causes() -> Iterator[tuple[str, str, str]]:
    """(system, scope, code) of every code that has a cause of ours."""
    return iter(_causes())
