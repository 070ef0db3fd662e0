"""People in pages, as the watcher compares record, events and targets; each page is one moment of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, and_, case, func, select

from gateway.store import row_sets
from gateway.store.schema import events, pending, positions, target_states, workers

PEOPLE_PER_LOOK_MAX: Final = 1_000
_HERE: Final = target_states.c


@dataclass(frozen=True, slots=True)
class Standing:
    """One record beside its events. `unplaced`: events that are neither pending nor have a position."""

    worker_id: str
    version: int
    changed_at: str
    events: int
    newest: int
    unplaced: int


@dataclass(frozen=True, slots=True)
class TargetStanding:
    """One row of `target_states`, as far as the watcher asks."""

    worker_id: str
    target: str
    state: str
    wanted_version: int
    wanted_at: str
    applied_version: int
    hashes_equal: bool
    cause: str | None
    applied_hash: bytes | None


def page(connection: Connection, after: str | None, limit: int = PEOPLE_PER_LOOK_MAX) -> list[Standing]:
    """The next people by worker id."""
    people = select(workers.c.worker_id, workers.c.version, workers.c.changed_at).order_by(workers.c.worker_id)
    if after is not None:
        people = people.where(workers.c.worker_id > after)
    here = people.limit(limit).subquery("here")
    lost = case((and_(events.c.id.is_not(None), positions.c.position.is_(None), pending.c.id.is_(None)), 1))
    query = (
        select(
            here.c.worker_id,
            here.c.version,
            here.c.changed_at,
            func.count(events.c.id),
            func.coalesce(func.max(events.c.version), 0),
            func.count(lost),
        )
        .select_from(here)
        .outerjoin(events, events.c.worker_id == here.c.worker_id)
        .outerjoin(positions, positions.c.event_row == events.c.id)
        .outerjoin(pending, pending.c.id == events.c.id)
        .group_by(here.c.worker_id, here.c.version, here.c.changed_at)
        .order_by(here.c.worker_id)
    )
    return [Standing(*row) for row in connection.execute(query)]


def count(connection: Connection) -> int:
    """How many people there are."""
    return connection.execute(select(func.count()).select_from(workers)).scalar_one()


def at_targets(
    connection: Connection, worker_ids: Sequence[str], targets: Sequence[str]
) -> dict[tuple[str, str], TargetStanding]:
    """Where these people stand with these targets: (worker id, target) -> row."""
    query = select(
        _HERE.worker_id,
        _HERE.target,
        _HERE.state,
        _HERE.wanted_version,
        _HERE.wanted_at,
        _HERE.applied_version,
        # Two nulls: nothing is wanted, and nothing is there.
        func.coalesce(_HERE.applied_hash == _HERE.wanted_hash, _HERE.wanted_hash.is_(None)),
        _HERE.cause,
        _HERE.applied_hash,
    ).where(row_sets.among(connection, _HERE.worker_id, worker_ids), _HERE.target.in_(targets))
    return {(row[0], row[1]): TargetStanding(*row) for row in connection.execute(query)}


def present_versions(connection: Connection, worker_id: str) -> set[int]:
    """Which versions of one person the event log has."""
    return set(connection.execute(select(events.c.version).where(events.c.worker_id == worker_id)).scalars())
