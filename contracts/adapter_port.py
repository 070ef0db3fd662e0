"""The seam to another system: what the house asks of an adapter, and what an adapter may answer.

Promises of an adapter:
- `view` is pure: the same record gives the same view. It raises `CannotTranslate` when the record cannot be said in the
  target's words (a mandatory value is missing), and never for another reason.
- `deliver` answers one outcome per delivery, in order, whatever the other deliveries' fate. It may raise `TryLater` for
  the whole batch. Views are whole: delivering one twice is harmless.
- `read` and `changes` give what the system holds in the shape of `view`, so that hashes can be compared.
Not promised: that the target honours our versions, or that a raised error means that nothing happened over there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from contracts.canonical import JsonObject
from contracts.worker import Groups, SystemName, WorkerRecord

View: TypeAlias = JsonObject
"""A target's picture of one person, in that target's words; JSON-shaped, no floats."""


class AdapterError(Exception):
    """What goes wrong between us and another system.

    ── TryLater         nothing is known to be wrong with the message: the same again later
    ── Refused          the system understood and said no
    ── CannotTranslate  the record cannot be said in the system's words
    """

    def __init__(self, cause: str, detail: str = "", retry_after_s: float | None = None) -> None:
        """`cause` is a kebab-case class (`timeout`, `quota`, `maintenance`, …); `detail` holds no personal data."""
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause
        self.detail = detail
        self.retry_after_s = retry_after_s


class TryLater(AdapterError):
    """The system could not be reached, was busy, or answered something that is no answer."""


class Refused(AdapterError):
    """The system understood the message and refused it; the same again would be refused again."""


class CannotTranslate(AdapterError):
    """The record lacks what the target demands; `cause` names the missing field."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The target has taken the view; it is known to hold it now."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One person's whole view for one target."""

    worker_id: str
    version: int
    view: View
    correlation_id: str


Outcome: TypeAlias = Delivered | TryLater | Refused


@dataclass(frozen=True, slots=True)
class PersonKey:
    """How another system finds a person: the 12-digit number, else the old one, else the social-insurance number."""

    personal_number: str | None = None
    cmnd: str | None = None
    social_insurance_number: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change on the other side: whom it is about, what is held there now, and what that says of the person.

    Whom it is about is for `person` to say: `groups` speak only of what is that system's own word. `held` is empty
    when the change says nothing of what the system holds of our own writing; `groups` is empty when it says nothing of
    the person.
    """

    change_id: str
    happened_at: str
    as_of: str
    person: PersonKey
    held: View
    groups: Groups


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of the feed; `cursor` is given back as `since`. `more` says that another page waits."""

    changes: tuple[Change, ...]
    cursor: str
    more: bool
    unreadable: tuple[tuple[str, str], ...] = ()
    """(change id, cause) of rows that could not be read; they never stop the feed."""


@dataclass(frozen=True, slots=True)
class Pong:
    """An answer to `ping`: how long it took, in milliseconds."""

    latency_ms: float


@runtime_checkable
class SystemAdapter(Protocol):
    """One external system, as target and as source."""

    @property
    def name(self) -> SystemName:
        """The system's name in our words."""

    @property
    def batch_size_max(self) -> int:
        """How many deliveries one call takes."""

    def view(self, record: WorkerRecord) -> View:
        """Project a record to this system's words. Pure. Raises CannotTranslate."""

    def person_key(self, view: View) -> PersonKey:
        """The key under which this system finds the person of a view."""

    async def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Send whole views; one outcome each, in order. Raises TryLater for all of them."""

    async def read(self, people: Sequence[PersonKey]) -> list[View | None]:
        """What the system holds of these people now, in order; None = it does not know the person. Raises TryLater."""

    async def changes(self, since: str | None, limit: int) -> ChangePage:
        """Changes after a cursor (None = from the beginning). Raises TryLater."""

    async def ping(self) -> Pong:
        """Is the system there? Raises TryLater."""

    async def close(self) -> None:
        """Give back connections."""


@dataclass(frozen=True, slots=True)
class IdentityClaim:
    """What we believe of a person, for the population database to judge."""

    full_name: str
    birth_date: str
    sex: str | None
    personal_number: str | None
    cmnd: str | None


IdentityOutcome: TypeAlias = Literal["verified", "not_found", "differs", "no_answer"]


@dataclass(frozen=True, slots=True)
class IdentityAnswer:
    """The population database's word. `groups` (basic, residence) is set when verified; `differing` names fields."""

    outcome: IdentityOutcome
    groups: Groups | None = None
    differing: tuple[str, ...] = ()
    cause: str = ""


@runtime_checkable
class IdentityVerifier(Protocol):
    """The population system as the judge of identity."""

    async def verify(self, claim: IdentityClaim) -> IdentityAnswer:
        """Ask for one person. Never raises for the system's faults: those are `no_answer` with a cause."""
