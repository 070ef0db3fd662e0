"""The event log as relay and readers see it: what is pending, and what has a position.

Row ids are not commit order, so no reader may use them as a cursor: a row with a lower id can become visible later.
`position` is given under the relay's lease, after the stream has the event, and is gapless.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, TextClause, func, insert, select, text

from gateway.clock import Clock, instant
from gateway.store.engine import Database
from gateway.store.leases import Lease, Leases
from gateway.store.schema import events, pending, positions

READ_EVENTS_MAX: Final = 5_000

_SETTLE_POSTGRESQL: Final = text(
    """
    WITH sent AS (
        SELECT * FROM unnest(CAST(:ids AS BIGINT[]), CAST(:partitions AS INTEGER[]), CAST(:offsets AS BIGINT[]))
            AS given(id, part, record_offset)
    ), gone AS (
        DELETE FROM pending USING sent WHERE pending.id = sent.id
        RETURNING sent.id, sent.part, sent.record_offset
    )
    INSERT INTO positions (position, event_row, partition, record_offset, published_at)
    SELECT (SELECT COALESCE(MAX(position), 0) FROM positions) + ROW_NUMBER() OVER (ORDER BY gone.id),
        gone.id, gone.part, gone.record_offset, :published_at
    FROM gone
    """
)
_REMOVE_SQLITE: Final = text("DELETE FROM pending WHERE id IN (SELECT value FROM json_each(:ids)) RETURNING id")


class PendingEvent(NamedTuple):
    """An event that the stream does not have yet, as far as is known."""

    row: int
    worker_id: str
    body: bytes


class SentEvent(NamedTuple):
    """Where the stream put the event of a row."""

    row: int
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event with its place in the one order that readers follow."""

    position: int
    event_id: str
    worker_id: str
    version: int
    type: str
    recorded_at: str
    body: bytes
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for the relay. `oldest_at`: when the oldest of it was recorded."""

    events: int
    oldest_at: str | None


class EventLog:
    """Reads and settles events. Call from a worker thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def pending(
        self, limit: int, held_back: Collection[str] = (), unsettled: Collection[int] = ()
    ) -> list[PendingEvent]:
        """The oldest pending events, without those of the workers in `held_back`; in version order per worker.

        `unsettled`: rows that the stream has, and that are being given their positions now.

        One statement from the very beginning each time: a second page behind a cursor could hold a worker's next
        version while the first one, committed between the two reads, lies before the cursor.
        """
        oldest = select(pending.c.id).order_by(pending.c.id).limit(limit)
        if held_back:
            oldest = oldest.where(pending.c.worker_id.not_in(held_back))
        if unsettled:
            oldest = oldest.where(self._is_not_among(unsettled))
        waiting = oldest.subquery("waiting")
        query = (
            select(events.c.id, events.c.worker_id, events.c.body)
            .join(waiting, waiting.c.id == events.c.id)
            .order_by(events.c.id)
        )
        with self._database.read() as connection:
            return [PendingEvent._make(row) for row in connection.execute(query)]

    def _is_not_among(self, rows: Collection[int]) -> TextClause:
        # As one value: two thousand of them are a long statement to build and to parse.
        if self._database.is_sqlite:
            return text("pending.id NOT IN (SELECT value FROM json_each(:unsettled))").bindparams(
                unsettled=json.dumps(list(rows))
            )
        return text("pending.id <> ALL(CAST(:unsettled AS BIGINT[]))").bindparams(unsettled=list(rows))

    def settle(self, leases: Leases, lease: Lease, sent: Sequence[SentEvent], duration_s: float) -> int:
        """Give positions to what the stream has, under the lease, which is renewed; answers how many.

        Rows that are no longer pending get none. Raises LeaseLost, and then nothing is changed.
        """
        published_at = instant(self._clock())
        with self._database.write() as connection:
            leases.lock(connection, lease, duration_s)
            if self._database.is_sqlite:
                return _settle_sqlite(connection, sent, published_at)
            return _settle_postgresql(connection, sent, published_at)

    def after(self, position: int, limit: int, worker_id: str | None = None) -> list[PublishedEvent]:
        """The events behind a position, in order; at most `limit` and READ_EVENTS_MAX."""
        query = _published().where(positions.c.position > position).limit(min(limit, READ_EVENTS_MAX))
        if worker_id is not None:
            query = query.where(events.c.worker_id == worker_id)
        with self._database.read() as connection:
            return [PublishedEvent(*row) for row in connection.execute(query)]

    def last_position(self) -> int:
        """The highest position given; 0 before the first."""
        with self._database.read() as connection:
            return _last(connection)

    def oldest_pending_at(self) -> str | None:
        """Since when the oldest pending event waits; None when none does."""
        oldest = select(func.min(pending.c.id)).scalar_subquery()
        with self._database.read() as connection:
            return connection.execute(select(events.c.recorded_at).where(events.c.id == oldest)).scalar()

    def backlog(self) -> Backlog:
        """How much waits, and since when."""
        oldest = select(events.c.recorded_at).where(events.c.id == select(func.min(pending.c.id)).scalar_subquery())
        query = select(func.count().label("waiting"), oldest.scalar_subquery()).select_from(pending)
        with self._database.read() as connection:
            return Backlog(*connection.execute(query).one())


def _published() -> Select[Any]:
    return (
        select(
            positions.c.position,
            events.c.event_id,
            events.c.worker_id,
            events.c.version,
            events.c.type,
            events.c.recorded_at,
            events.c.body,
            positions.c.partition,
            positions.c.record_offset,
        )
        .join(events, events.c.id == positions.c.event_row)
        .order_by(positions.c.position)
    )


def _last(connection: Connection) -> int:
    last: int = connection.execute(select(func.coalesce(func.max(positions.c.position), 0))).scalar_one()
    return last


def _settle_postgresql(connection: Connection, sent: Sequence[SentEvent], published_at: str) -> int:
    return connection.execute(
        _SETTLE_POSTGRESQL,
        {
            "ids": [event.row for event in sent],
            "partitions": [event.partition for event in sent],
            "offsets": [event.offset for event in sent],
            "published_at": published_at,
        },
    ).rowcount


def _settle_sqlite(connection: Connection, sent: Sequence[SentEvent], published_at: str) -> int:
    rows = json.dumps([event.row for event in sent])
    gone = set(connection.execute(_REMOVE_SQLITE, {"ids": rows}).scalars())
    last = _last(connection)
    given = sorted((event for event in sent if event.row in gone), key=lambda event: event.row)
    if given:
        connection.execute(
            insert(positions),
            [
                {
                    "position": position,
                    "event_row": event.row,
                    "partition": event.partition,
                    "record_offset": event.offset,
                    "published_at": published_at,
                }
                for position, event in enumerate(given, start=last + 1)
            ],
        )
    return len(given)
