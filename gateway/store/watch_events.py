"""The event log as the watcher compares it with the stream: by worker and version, and by position."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy import Connection, and_, func, select

from gateway.store import row_sets
from gateway.store.schema import events, positions, target_states

EventKey: TypeAlias = tuple[str, int]
"""Worker id and version."""
EVENTS_PER_LOOK_MAX: Final = 1_000
_BEFORE: Final = events.alias("before")
_ITS_POSITION: Final = positions.alias("its_position")


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as stored. `previous`: the position of the same worker's version before; None while it has none."""

    body: bytes
    position: int | None
    previous: int | None


@dataclass(frozen=True, slots=True)
class Placed:
    """An event with a position, and where the stream said that it put it. Without an event the log has lost it."""

    position: int
    worker_id: str | None
    version: int | None
    partition: int
    offset: int
    recorded_at: str | None
    published_at: str
    previous: int | None


@dataclass(frozen=True, slots=True)
class Passage:
    """How far a version has come with one target: instants are UTC text, None when it has not."""

    position: int
    partition: int
    published_at: str
    worker_id: str
    version: int
    target: str | None
    wanted_version: int
    wanted_at: str | None
    applied_at: str | None
    settled: bool


def logged(connection: Connection, keys: Collection[EventKey]) -> dict[EventKey, LoggedEvent]:
    """Of at most EVENTS_PER_LOOK_MAX worker-and-version pairs, those that the log has."""
    if not keys:
        return {}
    workers, versions = sorted({key[0] for key in keys}), sorted({key[1] for key in keys})
    query = (
        select(events.c.worker_id, events.c.version, events.c.body, positions.c.position, _ITS_POSITION.c.position)
        .outerjoin(positions, positions.c.event_row == events.c.id)
        .outerjoin(_BEFORE, and_(_BEFORE.c.worker_id == events.c.worker_id, _BEFORE.c.version == events.c.version - 1))
        .outerjoin(_ITS_POSITION, _ITS_POSITION.c.event_row == _BEFORE.c.id)
        .where(
            row_sets.among(connection, events.c.worker_id, workers),
            row_sets.among(connection, events.c.version, versions),
        )
    )
    found = {(row[0], row[1]): LoggedEvent(bytes(row[2]), row[3], row[4]) for row in connection.execute(query)}
    return {key: found[key] for key in keys if key in found}


def placed_after(connection: Connection, position: int, limit: int = EVENTS_PER_LOOK_MAX) -> list[Placed]:
    """The next positions, in order, also those whose event is gone."""
    query = (
        select(
            positions.c.position,
            events.c.worker_id,
            events.c.version,
            positions.c.partition,
            positions.c.record_offset,
            events.c.recorded_at,
            positions.c.published_at,
            _ITS_POSITION.c.position,
        )
        .outerjoin(events, events.c.id == positions.c.event_row)
        .outerjoin(_BEFORE, and_(_BEFORE.c.worker_id == events.c.worker_id, _BEFORE.c.version == events.c.version - 1))
        .outerjoin(_ITS_POSITION, _ITS_POSITION.c.event_row == _BEFORE.c.id)
        .where(positions.c.position > position)
        .order_by(positions.c.position)
        .limit(limit)
    )
    return [Placed(*row) for row in connection.execute(query)]


def last_position(connection: Connection) -> int:
    """The highest position given; 0 before the first."""
    last: int = connection.execute(select(func.coalesce(func.max(positions.c.position), 0))).scalar_one()
    return last


def last_published_before(connection: Connection, instant: str) -> int:
    """The highest position of those published before an instant; 0 when there is none."""
    query = select(func.coalesce(func.max(positions.c.position), 0)).where(positions.c.published_at < instant)
    last: int = connection.execute(query).scalar_one()
    return last


def passages(connection: Connection, wanted: Collection[int], targets: Collection[str]) -> dict[int, list[Passage]]:
    """Of these positions: how far each has come with each target; a target that never heard of it gives no entry."""
    if not wanted:
        return {}
    row = target_states.c
    query = (
        select(
            positions.c.position,
            positions.c.partition,
            positions.c.published_at,
            events.c.worker_id,
            events.c.version,
            row.target,
            func.coalesce(row.wanted_version, 0),
            row.wanted_at,
            row.applied_at,
            func.coalesce(row.state == "settled", False),
        )
        .join(events, events.c.id == positions.c.event_row)
        .outerjoin(target_states, and_(row.worker_id == events.c.worker_id, row.target.in_(sorted(targets))))
        .where(row_sets.among(connection, positions.c.position, sorted(wanted)))
    )
    found: dict[int, list[Passage]] = {}
    for one in connection.execute(query):
        found.setdefault(one[0], []).append(Passage(*one))
    return found


def positions_of(connection: Connection, keys: Collection[EventKey]) -> Mapping[EventKey, tuple[int, int]]:
    """Worker and version -> position and partition, where there is one."""
    if not keys:
        return {}
    query = (
        select(events.c.worker_id, events.c.version, positions.c.position, positions.c.partition)
        .join(positions, positions.c.event_row == events.c.id)
        .where(
            row_sets.among(connection, events.c.worker_id, sorted({key[0] for key in keys})),
            row_sets.among(connection, events.c.version, sorted({key[1] for key in keys})),
        )
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}
