"""The slice on PostgreSQL: set-based statements, so that a flush is a handful of round trips.

Everything a slice writes goes in one statement with CTEs over `unnest`; its parts see one snapshot and commit together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Table, TextClause, text

from gateway.store import schema
from gateway.store.intake_rows import (
    AuditRow,
    DecisionRow,
    EntryRow,
    EventRow,
    IdentifierRow,
    KeyOwnerRow,
    KeyRow,
    NewcomerRow,
    NewWorkerRow,
    ObservationRow,
    SliceRows,
    WorkerRow,
)
from gateway.store.intake_slice import IdentifierOwner, IntakeSlice
from gateway.store.pg_arrays import PgArray, pg_array
from gateway.store.records import SELECT_WORKERS, OpenedWorker, open_worker
from gateway.store.reported import UPSERT, parameters
from gateway.store.unnest import arrays, insert_from, names_of, source

_ENROL: Final = text(
    f"""
    {insert_from(schema.worker_identifiers, names_of(NewcomerRow), "new")}
    ON CONFLICT ("index") WHERE {schema.UNIQUE_IDENTIFIER_WHERE} DO NOTHING
    RETURNING "index"
    """
)
_INSERTS: Final[dict[str, tuple[Table, tuple[str, ...]]]] = {
    "keys": (schema.data_keys, names_of(KeyRow)),
    "entries": (schema.entries, names_of(EntryRow)),
    "observations": (schema.observations, names_of(ObservationRow)),
    "new_workers": (schema.workers, names_of(NewWorkerRow)),
    "identifiers": (schema.worker_identifiers, names_of(IdentifierRow)),
    "audit": (schema.audit_rows, names_of(AuditRow)),
    "events": (schema.events, names_of(EventRow)),
}
_UPDATES: Final[dict[str, tuple[Table, str, tuple[str, ...]]]] = {
    "workers": (schema.workers, "worker_id", names_of(WorkerRow)),
    "decisions": (schema.entries, "entry_id", names_of(DecisionRow)),
    "repointed_keys": (schema.data_keys, "key_id", names_of(KeyOwnerRow)),
}
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    **{name: columns for name, (_, columns) in _INSERTS.items()},
    **{name: columns for name, (_, _, columns) in _UPDATES.items()},
}
_CLOSE: Final = text("UPDATE worker_identifiers SET valid_to = :at WHERE id = ANY(CAST(:ids AS BIGINT[]))")


# One array parameter each: the text stays the same, is compiled once, and is prepared on the server.
_IDENTIFIERS: Final = text(
    """
    SELECT id, kind, "index", CAST(worker_id AS TEXT) FROM worker_identifiers
    WHERE valid_to IS NULL AND "index" = ANY(:indexes)
    UNION
    SELECT id, kind, "index", CAST(worker_id AS TEXT) FROM worker_identifiers
    WHERE valid_to IS NULL AND worker_id = ANY(:worker_ids)
    """
)
_HEARD: Final = text("SELECT key_index, body_digest, receipt FROM entries WHERE key_index = ANY(:keys)")
_LOCK: Final = text("SELECT 1 FROM workers WHERE worker_id = ANY(:worker_ids) ORDER BY worker_id FOR UPDATE")
_READ: Final = SELECT_WORKERS.where(text("workers.worker_id = ANY(:worker_ids)"))
_ABANDON: Final = text("DELETE FROM worker_identifiers WHERE worker_id = ANY(CAST(:ids AS UUID[]))")


def _update_from(table: Table, key: str, names: Sequence[str], prefix: str) -> str:
    changes = ", ".join(f'"{name}" = {prefix}."{name}"' for name in names if name != key)
    given = source(table, names, prefix)
    return f"UPDATE {table.name} AS kept SET {changes} FROM {given} WHERE kept.{key} = {prefix}.{key}"  # noqa: S608 - names come from the schema


@cache
def _statement(parts: tuple[str, ...]) -> TextClause:
    """The CTE statement for the kinds of rows present; there are few combinations, and each is compiled once."""
    ctes = []
    for name in parts:
        if name in _UPDATES:
            ctes.append(f"w_{name} AS ({_update_from(*_UPDATES[name], name)})")
            continue
        returning = " RETURNING id, worker_id" if name == "events" else ""
        ctes.append(f"w_{name} AS ({insert_from(*_INSERTS[name], name)}{returning})")
    if "events" in parts:
        ctes.append("w_pending AS (INSERT INTO pending (id, worker_id) SELECT id, worker_id FROM w_events)")
    return text(f"WITH {', '.join(ctes)} SELECT 1")


class PostgresqlSlice(IntakeSlice):
    """See IntakeSlice."""

    @classmethod
    def heard(cls, connection: Connection, key_indexes: Sequence[bytes]) -> Iterable[Sequence[Any]]:
        """See IntakeSlice."""
        return connection.execute(_HEARD, {"keys": pg_array("BYTEA", key_indexes)}).all()

    def enrol(self, newcomers: Sequence[NewcomerRow]) -> set[bytes]:
        """See IntakeSlice."""
        bound = arrays(schema.worker_identifiers, newcomers, names_of(NewcomerRow), "new")
        return {bytes(row[0]) for row in self.connection.execute(_ENROL, bound)}

    def lock(self, worker_ids: Sequence[str]) -> None:
        """See IntakeSlice."""
        self.connection.execute(_LOCK, {"worker_ids": pg_array("UUID", worker_ids)})

    def read(self, worker_ids: Sequence[str]) -> dict[str, OpenedWorker]:
        """See IntakeSlice."""
        found = self.connection.execute(_READ, {"worker_ids": pg_array("UUID", worker_ids)})
        return {row.worker_id: open_worker(self._vault, row) for row in found}

    def identifiers(self, indexes: Sequence[bytes], worker_ids: Sequence[str]) -> list[IdentifierOwner]:
        """See IntakeSlice."""
        bound = {"indexes": pg_array("BYTEA", indexes), "worker_ids": pg_array("UUID", worker_ids)}
        return [(row[0], row[1], bytes(row[2]), row[3]) for row in self.connection.execute(_IDENTIFIERS, bound)]

    def write(self, rows: SliceRows) -> None:
        """See IntakeSlice."""
        if rows.abandoned:
            self.connection.execute(_ABANDON, {"ids": rows.abandoned})
        if rows.closed_identifiers:
            self.connection.execute(_CLOSE, {"at": rows.audit[0].at, "ids": rows.closed_identifiers})
        parts = tuple(name for name in _COLUMNS if getattr(rows, name))
        bound: dict[str, PgArray] = {}
        for name in parts:
            table = (_UPDATES if name in _UPDATES else _INSERTS)[name][0]
            bound.update(arrays(table, getattr(rows, name), _COLUMNS[name], name))
        if parts:
            self.connection.execute(_statement(parts), bound)
        if rows.reported:
            self.connection.execute(UPSERT, [parameters(row) for row in rows.reported])
