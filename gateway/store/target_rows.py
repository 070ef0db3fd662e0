"""`target_states` in the database: lock, step, write, as sets; and the questions that propagation and people ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import Connection, case, func, select, text, update

from gateway.store import row_sets
from gateway.store.schema import WORK_WHERE, target_states
from gateway.store.target_pauses import NOT_PAUSED
from gateway.store.target_states import State, TargetRow, Wanted, expired, first, raised

Step = Callable[[TargetRow], TargetRow | None]

ROWS_PER_STEP_MAX: Final = 2_000
_WORK_STATES: Final = ("due", "unknown", "sending")
_WRITTEN_ONLY: Final = frozenset({"applied_view", "answer"})
_NAMES: Final = tuple(TargetRow.__dataclass_fields__)
_READ: Final = tuple(target_states.c[name] for name in _NAMES if name not in _WRITTEN_ONLY)
_EXPRESSIONS: Final[Mapping[str, str]] = {
    "applied_view": "coalesce(new.applied_view, held.applied_view)",
    "answer": "CASE WHEN new.state = 'parked' THEN coalesce(new.answer, held.answer) END",
}
_HERE: Final = target_states.c


@dataclass(frozen=True, slots=True)
class Work:
    """A row that waits for the sender."""

    worker_id: str
    state: State
    correlation_id: str | None


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """Where one person's record stands with one target; what a receipt's reader is shown."""

    target: str
    state: State
    wanted_version: int
    applied_version: int
    applied_at: str | None
    attempts: int
    next_attempt_at: str | None
    cause: str | None
    since: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many people stand in one state with one target, since when, and why; the next attempt if one is to come."""

    target: str
    state: State
    cause: str | None
    people: int
    oldest_since: str
    next_attempt_at: str | None


def change(
    connection: Connection, target: str, worker_ids: Sequence[str], step: Step, *, skip_locked: bool = False
) -> list[TargetRow]:
    """Lock the rows of these people, take the step with each, write those that changed; answers those.

    Locked in the order of the ids, so that two such calls never wait for each other in a circle. `skip_locked` leaves
    out rows that somebody else is working on: right where rows are independent and will be looked at again.
    """
    changed = [after for row in lock(connection, target, worker_ids, skip_locked=skip_locked) if (after := step(row))]
    write(connection, changed)
    return changed


def lock(
    connection: Connection, target: str, worker_ids: Sequence[str], *, skip_locked: bool = False
) -> list[TargetRow]:
    """The rows of these people, locked until the transaction ends."""
    if not worker_ids:
        return []
    query = (
        select(*_READ)
        .where(_HERE.target == target, row_sets.among(connection, _HERE.worker_id, sorted(set(worker_ids))))
        .order_by(_HERE.worker_id)
        .with_for_update(skip_locked=skip_locked)
    )
    return [TargetRow(**row) for row in connection.execute(query).mappings()]


def write(connection: Connection, rows: Sequence[TargetRow]) -> None:
    """Write locked rows back, each named once."""
    row_sets.update(connection, target_states, ("worker_id", "target"), [_values(row) for row in rows], _EXPRESSIONS)


def raise_wanted(connection: Connection, target: str, wanted: Iterable[Wanted], at: str) -> list[TargetRow]:
    """Store what these records ask of a target, whether it was asked before or not; answers the rows that changed."""
    asked = {one.worker_id: one for one in wanted}
    changed: list[TargetRow] = []
    left = set(asked)
    while left:
        rows = lock(connection, target, sorted(left))
        steps = [after for row in rows if (after := raised(row, asked[row.worker_id], at))]
        write(connection, steps)
        changed += steps
        left -= {row.worker_id for row in rows}
        unknown = [first(target, asked[one], at) for one in sorted(left) if asked[one].state != "not_concerned"]
        new = row_sets.insert(connection, target_states, [_values(row) for row in unknown], ignore_known=True)
        if new == len(unknown):
            return changed + unknown
        # A report made some of these rows while we looked: they are there to be locked now. Rows that we made ourselves
        # in this round answer None to the same step.
    return changed


def waiting_work(connection: Connection, target: str, at: str, limit: int) -> list[Work]:
    """Rows to send, to read back, or whose lease has run out; those waiting longest first. None while paused."""
    not_paused = text(NOT_PAUSED).bindparams(paused_target=target, paused_at=at)
    query = (
        select(_HERE.worker_id, _HERE.state, _HERE.correlation_id)
        .where(_HERE.target == target, text(WORK_WHERE), _HERE.next_attempt_at <= at, not_paused)
        .order_by(_HERE.next_attempt_at)
        .limit(limit)
    )
    return [Work(*row) for row in connection.execute(query)]


def expire_leases(connection: Connection, target: str, worker_ids: Sequence[str], at: str) -> int:
    """Calls that nobody came back from leave their rows unknown; answers how many."""
    return len(change(connection, target, worker_ids, lambda row: expired(row, at), skip_locked=True))


def forget_views(connection: Connection, worker_ids: Sequence[str]) -> None:
    """Delete the stored views and answers of people whose record is gone."""
    clear = {"applied_view": None, "answer": None, "applied_key_id": None}
    connection.execute(
        update(target_states).where(row_sets.among(connection, _HERE.worker_id, worker_ids)).values(clear)
    )


def of_workers(connection: Connection, worker_ids: Sequence[str]) -> dict[str, list[TargetStatus]]:
    """Where each of these people stands with each target."""
    found: dict[str, list[TargetStatus]] = {}
    query = (
        select(*_READ)
        .where(row_sets.among(connection, _HERE.worker_id, worker_ids))
        .order_by(_HERE.worker_id, _HERE.target)
    )
    for row in connection.execute(query):
        found.setdefault(row.worker_id, []).append(_status(row))
    return found


def counts(connection: Connection) -> list[Waiting]:
    """Who waits behind what: every target, state and cause."""
    query = (
        select(
            _HERE.target,
            _HERE.state,
            _HERE.cause,
            func.count(),
            func.min(_HERE.since),
            # Settled, parked and waiting rows keep the instant of an attempt that is over.
            func.min(case((_HERE.state.in_(_WORK_STATES), _HERE.next_attempt_at))),
        )
        .group_by(_HERE.target, _HERE.state, _HERE.cause)
        .order_by(_HERE.target, _HERE.state, _HERE.cause)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def _status(row: Any) -> TargetStatus:
    moving = row.state in _WORK_STATES
    return TargetStatus(
        target=row.target,
        state=cast(State, row.state),
        wanted_version=row.wanted_version,
        applied_version=row.applied_version,
        applied_at=row.applied_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at if moving else None,
        cause=row.cause,
        since=row.since,
    )


def _values(row: TargetRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _NAMES}
