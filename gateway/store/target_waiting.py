"""The people who wait for one target, by page: rows of `target_states` that are not at rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, case, select, text, tuple_

from gateway.store.schema import target_states

_HERE = target_states.c
WAITING_STATES: Final = ("due", "sending", "unknown", "waiting_for_identity", "parked")
_WAITING_WHERE: Final = f"state IN ({', '.join(repr(state) for state in WAITING_STATES)})"


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """One person, named by the worker id alone, and what the row says; instants are UTC text."""

    worker_id: str
    state: str
    cause: str | None
    attempts: int
    since: str
    next_attempt_at: str | None
    """None where no attempt is to come: somebody must decide, or the identity be verified."""
    wanted_version: int
    applied_version: int

    @property
    def cursor(self) -> str:
        """Where the next page begins."""
        return f"{self.since}~{self.worker_id}"


_COLUMNS = (
    *(_HERE[name] for name in ("worker_id", "state", "cause", "attempts", "since")),
    case((_HERE.state.in_(("due", "sending", "unknown")), _HERE.next_attempt_at)),
    _HERE.wanted_version,
    _HERE.applied_version,
)


def page(
    connection: Connection, target: str, *, state: str | None, cause: str | None, after: str | None, limit: int
) -> list[WaitingPerson]:
    """Those waiting longest first, after a person's `cursor`. Raises ValueError for a cursor that is none."""
    query = select(*_COLUMNS).where(_HERE.target == target, text(_WAITING_WHERE))
    if state is not None:
        query = query.where(_HERE.state == state)
    if cause is not None:
        query = query.where(_HERE.cause == cause)
    if after is not None:
        since, worker_id = after.split("~")
        query = query.where(tuple_(_HERE.since, _HERE.worker_id) > (since, worker_id))
    query = query.order_by(_HERE.since, _HERE.worker_id).limit(limit)
    return [WaitingPerson(*row) for row in connection.execute(query)]
