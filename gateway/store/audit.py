"""Audit rows outside intake's commit: for reads, which change nothing else, and for what people order."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert

from gateway.audit.catalogue import told
from gateway.clock import Clock, instant
from gateway.store import schema
from gateway.store.engine import Database

SUBJECT_LENGTH_MAX = 64


def add(connection: Connection, at: str, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
    """One row in the transaction of what it tells of; `detail` as gateway/audit/events.csv says."""
    row = {
        "at": at,
        "actor": actor,
        "action": action,
        "subject": subject[:SUBJECT_LENGTH_MAX],
        "outcome": "success",
        "detail": told(action, detail),
    }
    connection.execute(insert(schema.audit_rows), row)


class AuditWriter:
    """Writes one row at once. Call from a worker thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def write(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """Store the row before the answer leaves; `detail` as gateway/audit/events.csv says."""
        with self._database.write() as connection:
            add(connection, instant(self._clock()), actor, action, subject, detail)
