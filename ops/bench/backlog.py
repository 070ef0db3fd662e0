"""Events made beforehand: the same ids, keys and bytes for our event log, for Debezium's outbox and for raw Kafka."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import psycopg

EVENTS_PER_WORKER: Final = 4
RECORDED_AT: Final = "2026-01-01T00:00:00.000000Z"
OUTBOX: Final = """
    CREATE TABLE outbox (
        id UUID PRIMARY KEY, aggregatetype TEXT NOT NULL, aggregateid TEXT NOT NULL, type TEXT NOT NULL,
        payload TEXT NOT NULL)
"""
_EVENT: Final = """
    WITH logged AS (
        INSERT INTO events (event_id, worker_id, version, type, recorded_at, body)
        VALUES (%s, %s, %s, 'changed', %s, %s) RETURNING id, worker_id)
    INSERT INTO pending (id, worker_id) SELECT id, worker_id FROM logged
"""


@dataclass(frozen=True, slots=True)
class Made:
    """One event. `body`: JSON text in ASCII, as long as asked for."""

    event_id: str
    worker_id: str
    version: int
    body: bytes


def made(first: int, count: int, body_bytes: int, worker_events: int = EVENTS_PER_WORKER) -> list[Made]:
    """Events `first` … `first + count - 1`; the same at every run, each worker's versions in a row."""
    return list(_made(first, count, body_bytes, worker_events))


def _made(first: int, count: int, body_bytes: int, worker_events: int) -> Iterator[Made]:
    draw = random.Random(first)
    for number in range(first, first + count):
        event_id, worker_id = (
            str(uuid.UUID(int=number + 1)),
            str(uuid.uuid5(uuid.NAMESPACE_OID, str(number // worker_events))),
        )
        start = f'{{"id":"{event_id}","data":"'
        # Sealed fields look like this, and PostgreSQL must not be able to press them together.
        filling = base64.b64encode(draw.randbytes(body_bytes)).decode()[: body_bytes - len(start) - 2]
        yield Made(event_id, worker_id, number % worker_events + 1, f'{start}{filling}"}}'.encode())


def fill_ours(connection: psycopg.Connection, events: Sequence[Made]) -> None:
    """As pending events, in order, in one transaction."""
    with connection.transaction(), connection.cursor() as cursor:
        (before,) = cursor.execute("SELECT COALESCE(MAX(id), 0) FROM events").fetchone() or (0,)
        columns = "event_id, worker_id, version, type, recorded_at, body"
        with cursor.copy(f"COPY events ({columns}) FROM STDIN") as copy:
            for event in events:
                row = (event.event_id, event.worker_id, event.version, "changed", RECORDED_AT, event.body)
                copy.write_row(row)
        cursor.execute("INSERT INTO pending (id, worker_id) SELECT id, worker_id FROM events WHERE id > %s", (before,))
    connection.execute("ANALYZE events, pending")


def fill_outbox(connection: psycopg.Connection, events: Sequence[Made]) -> None:
    """As rows of Debezium's outbox, in order, in one transaction."""
    with connection.transaction(), connection.cursor() as cursor:
        columns = "id, aggregatetype, aggregateid, type, payload"
        with cursor.copy(f"COPY outbox ({columns}) FROM STDIN") as copy:
            for event in events:
                copy.write_row((event.event_id, "worker", event.worker_id, "changed", event.body.decode()))


def add_ours(connection: psycopg.Connection, event: Made) -> None:
    """One event as intake's statement logs it; the caller commits."""
    connection.execute(_EVENT, (event.event_id, event.worker_id, event.version, RECORDED_AT, event.body))


def add_outbox(connection: psycopg.Connection, event: Made) -> None:
    """One row of the outbox; the caller commits."""
    row = (event.event_id, "worker", event.worker_id, "changed", event.body.decode())
    connection.execute("INSERT INTO outbox VALUES (%s, %s, %s, %s, %s)", row)
