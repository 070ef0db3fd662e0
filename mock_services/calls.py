"""What passes between the HTTP side and a simulated system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeAlias

JSON = "application/json; charset=utf-8"
XML = "text/xml; charset=utf-8"

ItemFault: TypeAlias = Literal["refuse_person", "busy_person"]
ItemFaults: TypeAlias = Callable[[str], ItemFault | None]
"""Whether the item of this personal number shall be refused, or told to come later."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, read whole; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `outcome` is for the journal: the code that the envelope carries, or `done`."""

    status: int
    content_type: str
    body: bytes
    outcome: str = "done"
    headers: tuple[tuple[str, str], ...] = ()

    def told(self, outcome: str) -> Answer:
        """The same answer with another word for the journal."""
        return replace(self, outcome=outcome)


@dataclass(frozen=True, slots=True)
class Work:
    """A call understood: nothing has happened until `run`."""

    operation: str
    run: Callable[[ItemFaults], Answer]
    people: tuple[str, ...] = field(default=())


class Unacceptable(Exception):
    """A request of people (`/_mock`) that makes no sense; the text says why."""


class SimulatedSystem(Protocol):
    """One of the four: what the gate and the pages for people ask of it."""

    name: str

    def needs_token(self, call: Call) -> bool:
        """Whether the call must carry a bearer token."""

    def understand(self, call: Call) -> Work:
        """Name the operation and the people concerned; an unreadable call is work that answers with an error."""

    def gateway_fault(self, call: Call, status: int, code: int, message: str, retry_after_s: int | None) -> Answer:
        """A fault of the platform in front, in the format of the call."""

    def closed(self) -> Answer:
        """The answer in a maintenance window."""

    def person(self, number: str) -> dict[str, Any]:
        """All that this system holds of a person, `known` first."""

    def people(self, after: int, limit: int) -> dict[str, Any]:
        """People written so far, in the order of their first writing, from place `after`."""

    def change(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Change somebody on this side; the feed tells it. Raises Unacceptable."""

    def reset(self) -> None:
        """Forget everything written; feed ids go on rising."""

    def health(self) -> dict[str, Any]:
        """Counts."""
