"""Audit rows outside intake's commit: for reads, which change nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from sqlalchemy import insert

from gateway.clock import Clock, instant
from gateway.store import schema
from gateway.store.engine import Database

SUBJECT_LENGTH_MAX = 64


class AuditWriter:
    """Writes one row at once. Call from a worker thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def write(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """Store the row before the answer leaves; `detail` holds nothing that identifies a person."""
        row = {
            "at": instant(self._clock()),
            "actor": actor,
            "action": action,
            "subject": subject[:SUBJECT_LENGTH_MAX],
            "outcome": "success",
            "detail": orjson.dumps(dict(detail)).decode(),
        }
        with self._database.write() as connection:
            connection.execute(insert(schema.audit_rows), row)
