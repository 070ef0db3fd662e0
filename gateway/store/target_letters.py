"""Dead letters in the database: the parked rows of `target_states`, by page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, text, tuple_

from gateway.store.schema import PARKED_WHERE, target_states

_HERE = target_states.c


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that could not be made: whose, where to, why, since when. Holds nothing that identifies a person."""

    worker_id: str
    target: str
    cause: str | None
    since: str
    attempts: int
    wanted_version: int
    applied_version: int
    correlation_id: str | None

    @property
    def cursor(self) -> str:
        """Where the next page begins."""
        return f"{self.since}~{self.worker_id}~{self.target}"


_COLUMNS = tuple(_HERE[name] for name in DeadLetter.__dataclass_fields__)


def page(
    connection: Connection, *, target: str | None, cause: str | None, after: str | None, limit: int
) -> list[DeadLetter]:
    """Letters, oldest first, after a letter's `cursor`. Raises ValueError for a cursor that is none."""
    query = select(*_COLUMNS).where(text(PARKED_WHERE))
    if target is not None:
        query = query.where(_HERE.target == target)
    if cause is not None:
        query = query.where(_HERE.cause == cause)
    if after is not None:
        since, worker_id, last_target = after.split("~")
        query = query.where(tuple_(_HERE.since, _HERE.worker_id, _HERE.target) > (since, worker_id, last_target))
    query = query.order_by(_HERE.since, _HERE.worker_id, _HERE.target).limit(limit)
    return [DeadLetter(*row) for row in connection.execute(query)]


def letter(connection: Connection, worker_id: str, target: str) -> tuple[DeadLetter, bytes | None] | None:
    """One letter and the sealed answer that explains it."""
    query = select(*_COLUMNS, _HERE.answer).where(
        _HERE.state == "parked", _HERE.worker_id == worker_id, _HERE.target == target
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (DeadLetter(*row[:-1]), row.answer)
