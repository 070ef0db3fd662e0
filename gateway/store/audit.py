"""Audit rows outside intake's commit: for reads, which change nothing else, and for what people order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import structlog
from sqlalchemy import Connection, insert
from sqlalchemy.exc import SQLAlchemyError

from gateway.audit.catalogue import told
from gateway.clock import Clock, instant
from gateway.errors import Busy
from gateway.store import schema
from gateway.store.engine import Database

_log = structlog.get_logger("gateway.audit")
SUBJECT_LENGTH_MAX = 64
Outcome = Literal["success", "refused"]


def add(
    connection: Connection,
    at: str,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, object],
    outcome: Outcome = "success",
) -> None:
    """One row in the transaction of what it tells of; `detail` as gateway/audit/events.csv says."""
    row = {
        "at": at,
        "actor": actor,
        "action": action,
        "subject": subject[:SUBJECT_LENGTH_MAX],
        "outcome": outcome,
        "detail": told(action, detail),
    }
    connection.execute(insert(schema.audit_rows), row)


class AuditWriter:
    """Writes one row at once. Call from a worker thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def write(
        self, actor: str, action: str, subject: str, detail: Mapping[str, object], outcome: Outcome = "success"
    ) -> None:
        """Store the row before the answer leaves; `detail` as gateway/audit/events.csv says.

        Raises Busy when that cannot be: without a trail nothing is allowed (OWASP ASVS 5.0, 16.5.3).
        """
        try:
            with self._database.write() as connection:
                add(connection, instant(self._clock()), actor, action, subject, detail, outcome)
        except SQLAlchemyError as error:
            _log.error("audit.row_not_written", action=action, error=type(error).__name__)
            raise Busy("unavailable") from error
