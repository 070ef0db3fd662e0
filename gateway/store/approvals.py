"""What one person asks for and another confirms in time, whatever it is. The database refuses one in both places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import orjson
from sqlalchemy import Connection, insert, select, update

from gateway.errors import Conflict, NotFound
from gateway.store.schema import approvals

ApprovalState: TypeAlias = Literal["requested", "confirmed", "refused", "expired"]
UseFault: TypeAlias = Literal["missing", "not-confirmed", "used", "expired"]
SHOWN_MAX: Final = 500
_USED: Final = "used_at"


@dataclass(frozen=True, slots=True)
class Approval:
    """One request. Instants are UTC text; `state` is `expired` when nobody decided until `expires_at`."""

    id: int
    action: str
    subject: str
    reference: str
    content: str
    requested_by: str
    requested_at: str
    expires_at: str
    state: ApprovalState
    decided_by: str | None
    decided_at: str | None


def request(
    connection: Connection,
    action: str,
    subject: str,
    reference: str,
    by: str,
    at: str,
    expires_at: str,
    content: str = "{}",
) -> Approval:
    """Write a request down; `content` is JSON that says what exactly is asked for."""
    row = {
        "action": action,
        "subject": subject,
        "reference": reference,
        "content": content,
        "requested_by": by,
        "requested_at": at,
        "expires_at": expires_at,
        "state": "requested",
    }
    number: int = connection.execute(insert(approvals).returning(approvals.c.id), row).scalar_one()
    return Approval(number, action, subject, reference, content, by, at, expires_at, "requested", None, None)


def lock_open(connection: Connection, actions: Sequence[str], number: int, at: str) -> Approval:
    """A request that can still be decided, locked until the transaction ends. Raises NotFound, Conflict."""
    query = select(approvals).where(approvals.c.id == number, approvals.c.action.in_(actions)).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("approval-not-found")
    found = _read(row, at)
    if found.state == "expired":
        raise Conflict("approval-expired")
    if found.state != "requested":
        raise Conflict("approval-already-decided")
    return found


def decide(connection: Connection, number: int, state: Literal["confirmed", "refused"], by: str, at: str) -> None:
    """Write the decision down. Raises IntegrityError when who asked would confirm."""
    change = update(approvals).where(approvals.c.id == number)
    connection.execute(change.values(state=state, decided_by=by, decided_at=at))


def use(connection: Connection, action: str, subject: str, number: int, at: str) -> UseFault | None:
    """Use a confirmed request up, for an act that whoever has the server does, once and in time; else why not."""
    query = select(approvals).where(approvals.c.id == number, approvals.c.action == action)
    row = connection.execute(query.where(approvals.c.subject == subject).with_for_update()).mappings().first()
    if row is None:
        return "missing"
    if row["state"] != "confirmed":
        return "not-confirmed"
    content = orjson.loads(row["content"])
    if _USED in content:
        return "used"
    if row["expires_at"] <= at:
        return "expired"
    used = orjson.dumps({**content, _USED: at}).decode()
    connection.execute(update(approvals).where(approvals.c.id == number).values(content=used))
    return None


def newest(connection: Connection, actions: Sequence[str], at: str) -> list[Approval]:
    """The newest requests for these actions, decided or not."""
    query = select(approvals).where(approvals.c.action.in_(actions)).order_by(approvals.c.id.desc()).limit(SHOWN_MAX)
    return [_read(row, at) for row in connection.execute(query).mappings()]


def _read(row: Any, at: str) -> Approval:
    found = dict(row)
    if found["state"] == "requested" and found["expires_at"] <= at:
        found["state"] = "expired"
    return Approval(**found)
