"""What one person asks for and another confirms in time, whatever it is. The database refuses one in both places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection, insert, select, update

from gateway.store.schema import approvals

ApprovalState: TypeAlias = Literal["requested", "confirmed", "refused", "expired"]
SHOWN_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Approval:
    """One request. Instants are UTC text; `state` is `expired` when nobody decided until `expires_at`."""

    id: int
    action: str
    subject: str
    reference: str
    requested_by: str
    requested_at: str
    expires_at: str
    state: ApprovalState
    decided_by: str | None
    decided_at: str | None


def request(
    connection: Connection, action: str, subject: str, reference: str, by: str, at: str, expires_at: str
) -> Approval:
    """Write a request down."""
    row = {
        "action": action,
        "subject": subject,
        "reference": reference,
        "requested_by": by,
        "requested_at": at,
        "expires_at": expires_at,
        "state": "requested",
    }
    number: int = connection.execute(insert(approvals).returning(approvals.c.id), row).scalar_one()
    return Approval(number, action, subject, reference, by, at, expires_at, "requested", None, None)


def lock(connection: Connection, action: str, number: int, at: str) -> Approval | None:
    """One request, locked until the transaction ends."""
    query = select(approvals).where(approvals.c.id == number, approvals.c.action == action).with_for_update()
    row = connection.execute(query).mappings().first()
    return None if row is None else _read(row, at)


def decide(connection: Connection, number: int, state: Literal["confirmed", "refused"], by: str, at: str) -> None:
    """Write the decision down. Raises IntegrityError when who asked would confirm."""
    change = update(approvals).where(approvals.c.id == number)
    connection.execute(change.values(state=state, decided_by=by, decided_at=at))


def newest(connection: Connection, action: str, at: str) -> list[Approval]:
    """The newest requests for an action, decided or not."""
    query = select(approvals).where(approvals.c.action == action).order_by(approvals.c.id.desc()).limit(SHOWN_MAX)
    return [_read(row, at) for row in connection.execute(query).mappings()]


def _read(row: Any, at: str) -> Approval:
    found = dict(row)
    if found["state"] == "requested" and found["expires_at"] <= at:
        found["state"] = "expired"
    return Approval(**found)
