"""Whose identity was asked for, with what outcome, and when to ask again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, func, select, tuple_, update

from gateway.store import row_sets
from gateway.store.schema import verifications

WAITING: Final = "waiting"
OUTCOMES: Final[tuple[str, ...]] = (WAITING, "verified", "not_found", "differs", "no_answer")
_HERE: Final = verifications.c


@dataclass(frozen=True, slots=True)
class Verification:
    """One person's row. `identity_hash` is of the claim last heard of, `answered_hash` of what a yes makes of it.

    `differing` names fields, never values. `next_at` is None when there is nothing to ask; `since` is when the claim
    was first heard of, until it is answered, and then when it was answered.
    """

    worker_id: str
    identity_hash: bytes
    outcome: str
    answered_hash: bytes | None
    differing: tuple[str, ...]
    cause: str | None
    attempts: int
    next_at: str | None
    since: str
    commune: str | None

    @property
    def cursor(self) -> str:
        """Where the next page begins."""
        return f"{self.since}~{self.worker_id}"


_NAMES: Final = tuple(Verification.__dataclass_fields__)


def lock(connection: Connection, worker_ids: Sequence[str], *, skip_locked: bool = False) -> dict[str, Verification]:
    """The rows of these people, locked until the transaction ends."""
    query = (
        select(*(_HERE[name] for name in _NAMES))
        .where(row_sets.among(connection, _HERE.worker_id, sorted(set(worker_ids))))
        .order_by(_HERE.worker_id)
        .with_for_update(skip_locked=skip_locked)
    )
    return {row.worker_id: _read(row) for row in connection.execute(query)}


def write(connection: Connection, rows: Sequence[Verification]) -> None:
    """Write rows, new or locked, each named once."""
    values = [_values(row) for row in sorted(rows, key=lambda row: row.worker_id)]
    row_sets.insert(connection, verifications, values, ignore_known=True)
    row_sets.update(connection, verifications, ("worker_id",), values)


def due(connection: Connection, at: str, limit: int) -> list[str]:
    """Whom to ask for now, those waiting longest first."""
    query = select(_HERE.worker_id).where(_HERE.next_at <= at).order_by(_HERE.next_at).limit(limit)
    return list(connection.execute(query).scalars())


def release(connection: Connection, at: str) -> int:
    """Whoever is waiting may be asked for now, leased or not; answers how many were leased."""
    leased = (_HERE.outcome == WAITING) & (_HERE.next_at > at)
    return connection.execute(update(verifications).where(leased).values(next_at=at)).rowcount


def page(
    connection: Connection, outcome: str, *, commune: str | None, after: str | None, limit: int
) -> list[Verification]:
    """Rows with an outcome, longest first, after a row's `cursor`. Raises ValueError for a cursor that is none."""
    query = select(*(_HERE[name] for name in _NAMES)).where(_HERE.outcome == outcome)
    if commune is not None:
        query = query.where(_HERE.commune == commune)
    if after is not None:
        since, worker_id = after.split("~")
        query = query.where(tuple_(_HERE.since, _HERE.worker_id) > (since, worker_id))
    return [_read(row) for row in connection.execute(query.order_by(_HERE.since, _HERE.worker_id).limit(limit))]


def counts(connection: Connection) -> dict[str, int]:
    """People per outcome."""
    found = dict.fromkeys(OUTCOMES, 0)
    for outcome, people in connection.execute(select(_HERE.outcome, func.count()).group_by(_HERE.outcome)):
        found[outcome] = people
    return found


def unanswered_since(connection: Connection, before: str) -> int:
    """How many people's claims have had no answer since before then."""
    query = (
        select(func.count())
        .select_from(verifications)
        .where(_HERE.outcome.in_((WAITING, "no_answer")), _HERE.since < before)
    )
    return connection.execute(query).scalar_one()


def _read(row: Any) -> Verification:
    values = dict(row._mapping)
    return Verification(**{**values, "differing": tuple(orjson.loads(values["differing"]))})


def _values(row: Verification) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _NAMES}
    return {**values, "differing": orjson.dumps(row.differing).decode()}
