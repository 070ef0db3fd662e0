"""The slice on PostgreSQL: two round trips, whatever the number of entries.

The first claims, locks and then reads, the second writes and commits. Everything a slice writes goes in one statement
with CTEs over `unnest`; its parts see one snapshot and commit together.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Table

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
    ReceiptBatchRow,
    SliceRows,
    WorkerRow,
)
from gateway.store.intake_slice import Claimed, HeardEntry, IdentifierOwner, IntakeSlice, heard_entries
from gateway.store.pg_arrays import PgArray, pg_array
from gateway.store.pg_trip import Question, Statement, ask, statement, truth, whole
from gateway.store.records import OpenedWorker, open_worker
from gateway.store.reported import UPSERT, parameters
from gateway.store.unnest import arrays, insert_from, names_of, source

# Each statement is prepared once per connection and planned once: planning anew cost more than the work. The plan must
# then be right for tables of any size, also when it was made while they were empty, so it may only use indexes.
_PREPARE_TO_ASK: Final = statement(
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)"
)
_ENROL: Final = statement(
    f"""
    {insert_from(schema.worker_identifiers, names_of(NewcomerRow), "new")}
    ON CONFLICT ("index") WHERE {schema.UNIQUE_IDENTIFIER_WHERE} DO NOTHING
    RETURNING "index"
    """,
    bytes,
)
_INSERTS: Final[dict[str, tuple[Table, tuple[str, ...]]]] = {
    "keys": (schema.data_keys, names_of(KeyRow)),
    "entries": (schema.entries, names_of(EntryRow)),
    "observations": (schema.observations, names_of(ObservationRow)),
    "new_workers": (schema.workers, names_of(NewWorkerRow)),
    "identifiers": (schema.worker_identifiers, names_of(IdentifierRow)),
    "audit": (schema.audit_rows, names_of(AuditRow)),
    "events": (schema.events, names_of(EventRow)),
    "receipts": (schema.receipt_batches, names_of(ReceiptBatchRow)),
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
_CLOSE: Final = statement(
    """
    UPDATE worker_identifiers SET valid_to = (CAST(:at AS VARCHAR[]))[1] WHERE id = ANY(CAST(:ids AS BIGINT[]))
    """
)
_WORKER: Final = """
    SELECT CAST(workers.worker_id AS TEXT), version, CAST(workers.key_id AS TEXT), statements, sealed, commune,
        changed_at, score_correct, score_complete, score_clean, keys_doubted, wrapped
    FROM workers JOIN data_keys ON data_keys.key_id = workers.key_id
    """
_WORKER_COLUMNS: Final = (
    *(bytes.decode, whole, bytes.decode, bytes.decode, bytes, bytes.decode),
    *(bytes.decode, whole, whole, whole, truth, bytes),
)
_IDENTIFIER: Final = """
    SELECT id, kind, "index", CAST(worker_id AS TEXT) FROM worker_identifiers WHERE valid_to IS NULL
    """
_IDENTIFIER_COLUMNS: Final = (whole, bytes.decode, bytes, bytes.decode)
_OF_INDEXES: Final = 'valid_to IS NULL AND "index" = ANY(CAST(:indexes AS BYTEA[]))'
_OWNERS: Final = f"SELECT worker_id FROM worker_identifiers WHERE {_OF_INDEXES} AND kind <> '{schema.NAME_BIRTH}'"  # noqa: S608 - constants of ours
_GIVEN: Final = "SELECT * FROM unnest(CAST(:worker_ids AS UUID[]))"


def _lock_of(workers: str) -> Statement:
    locked = f"SELECT CAST(worker_id AS TEXT) FROM workers WHERE worker_id IN ({workers})"  # noqa: S608 - constants of ours
    return statement(f"{locked} ORDER BY workers.worker_id FOR UPDATE OF workers", bytes.decode)


def _read_of(workers: str) -> Statement:
    return statement(f"{_WORKER} WHERE workers.worker_id IN ({workers})", *_WORKER_COLUMNS)


def _identifiers_of(workers: str) -> Statement:
    # UNION instead of OR: each half uses its own index.
    theirs = f"{_IDENTIFIER} AND worker_id IN ({workers})"
    return statement(f"{_IDENTIFIER} AND {_OF_INDEXES} UNION {theirs}", *_IDENTIFIER_COLUMNS)


_LOCK: Final = _lock_of(_GIVEN)
_READ: Final = _read_of(_GIVEN)
_IDENTIFIERS: Final = _identifiers_of(_GIVEN)
_LOCK_OWNERS: Final = _lock_of(_OWNERS)
_READ_OWNERS: Final = _read_of(_OWNERS)
_THEIR_IDENTIFIERS: Final = _identifiers_of(_OWNERS)
_HEARD: Final = statement(
    "SELECT key_index, body_digest, receipt FROM entries WHERE key_index = ANY(CAST(:keys AS BYTEA[]))",
    bytes,
    bytes,
    bytes.decode,
)
_INDEX_KEY: Final = statement("SELECT key_id FROM index_keys", bytes.decode)
_ERASED: Final = statement("SELECT mark FROM erased_marks WHERE mark = ANY(CAST(:marks AS BYTEA[]))", bytes)
_ABANDON: Final = statement("DELETE FROM worker_identifiers WHERE worker_id = ANY(CAST(:ids AS UUID[]))")


class _StoredWorker(NamedTuple):
    """A row of `_READ`."""

    worker_id: str
    version: int
    key_id: str
    statements: str
    sealed: bytes | None
    commune: str | None
    changed_at: str
    score_correct: int | None
    score_complete: int | None
    score_clean: int | None
    keys_doubted: bool
    wrapped: bytes


def _update_from(table: Table, key: str, names: Sequence[str], prefix: str) -> str:
    changes = ", ".join(f'"{name}" = {prefix}."{name}"' for name in names if name != key)
    given = source(table, names, prefix)
    return f"UPDATE {table.name} AS kept SET {changes} FROM {given} WHERE kept.{key} = {prefix}.{key}"  # noqa: S608 - names come from the schema


@cache
def _statement(parts: tuple[str, ...]) -> Statement:
    """The CTE statement for the kinds of rows present; there are few combinations."""
    ctes = []
    for name in parts:
        if name in _UPDATES:
            ctes.append(f"w_{name} AS ({_update_from(*_UPDATES[name], name)})")
            continue
        returning = " RETURNING id, worker_id" if name == "events" else ""
        ctes.append(f"w_{name} AS ({insert_from(*_INSERTS[name], name)}{returning})")
    if "events" in parts:
        ctes.append("w_pending AS (INSERT INTO pending (id, worker_id) SELECT id, worker_id FROM w_events)")
    return statement(f"WITH {', '.join(ctes)} SELECT 1")


class PostgresqlSlice(IntakeSlice):
    """See IntakeSlice."""

    def heard(self, key_indexes: Sequence[bytes]) -> dict[bytes, HeardEntry]:
        """See IntakeSlice."""
        return heard_entries(ask(self.connection, [_heard(key_indexes)])[0])

    def claim(
        self,
        key_indexes: Sequence[bytes],
        newcomers: Sequence[NewcomerRow],
        indexes: Sequence[bytes],
        marks: Sequence[bytes] = (),
    ) -> Claimed:
        """See IntakeSlice. Statements of one trip: the reading ones begin when the lock is held."""
        concerned = {"indexes": pg_array("BYTEA", indexes)}
        asked: list[Question] = [(_PREPARE_TO_ASK, {}), _heard(key_indexes), _enrol(newcomers)]
        # Behind the first statement that locks the table of identifiers, if ever so lightly.
        asked.append((_INDEX_KEY, {}))
        asked += [(_LOCK_OWNERS, concerned), (_READ_OWNERS, concerned), (_THEIR_IDENTIFIERS, concerned)]
        # Behind the lock: an erasure that this slice waited for is seen.
        asked.append((_ERASED, {"marks": pg_array("BYTEA", marks)}))
        _, heard, enrolled, index_key, locked, workers, identifiers, erased = ask(self.connection, asked)
        ours = {row[0] for row in enrolled}
        claims = {row.index: row.worker_id for row in newcomers if row.index in ours}
        held = {row[0] for row in locked}
        return Claimed(
            heard_entries(heard),
            claims,
            self._opened([row for row in workers if row[0] in held]),
            identifiers,
            frozenset(row[0] for row in erased),
            index_key[0][0] if index_key else None,
        )

    def enrol(self, newcomers: Sequence[NewcomerRow]) -> set[bytes]:
        """See IntakeSlice."""
        return {row[0] for row in ask(self.connection, [_enrol(newcomers)])[0]}

    def lock(self, worker_ids: Sequence[str]) -> None:
        """See IntakeSlice."""
        ask(self.connection, [_lock(worker_ids)])

    def read(self, worker_ids: Sequence[str]) -> dict[str, OpenedWorker]:
        """See IntakeSlice."""
        return self._opened(ask(self.connection, [_read(worker_ids)])[0])

    def identifiers(self, indexes: Sequence[bytes], worker_ids: Sequence[str]) -> list[IdentifierOwner]:
        """See IntakeSlice."""
        return ask(self.connection, [_identifiers(indexes, worker_ids)])[0]

    def write(self, rows: SliceRows) -> None:
        """See IntakeSlice."""
        self._report(rows)
        ask(self.connection, _writes(rows))

    def finish(self, rows: SliceRows) -> None:
        """See IntakeSlice."""
        self._report(rows)
        ask(self.connection, _writes(rows), commit=True)

    def _opened(self, rows: Sequence[Any]) -> dict[str, OpenedWorker]:
        stored = map(_StoredWorker._make, rows)
        return {row.worker_id: open_worker(self._vault, row) for row in stored}

    def _report(self, rows: SliceRows) -> None:
        if rows.reported:
            self.connection.execute(UPSERT, [parameters(row) for row in rows.reported])


def _heard(key_indexes: Sequence[bytes]) -> Question:
    return _HEARD, {"keys": pg_array("BYTEA", key_indexes)}


def _enrol(newcomers: Sequence[NewcomerRow]) -> Question:
    return _ENROL, arrays(schema.worker_identifiers, newcomers, names_of(NewcomerRow), "new")


def _lock(worker_ids: Sequence[str]) -> Question:
    return _LOCK, {"worker_ids": pg_array("UUID", worker_ids)}


def _read(worker_ids: Sequence[str]) -> Question:
    return _READ, {"worker_ids": pg_array("UUID", worker_ids)}


def _identifiers(indexes: Sequence[bytes], worker_ids: Sequence[str]) -> Question:
    return _IDENTIFIERS, {"indexes": pg_array("BYTEA", indexes), "worker_ids": pg_array("UUID", worker_ids)}


def _writes(rows: SliceRows) -> list[Question]:
    """What must go before an insert can take its place, and then everything else at once."""
    asked: list[Question] = []
    if rows.abandoned:
        asked.append((_ABANDON, {"ids": pg_array("UUID", rows.abandoned)}))
    if rows.closed_identifiers:
        closed = {
            "at": pg_array("VARCHAR", [rows.audit[0].at]),
            "ids": pg_array("BIGINT", rows.closed_identifiers),
        }
        asked.append((_CLOSE, closed))
    parts = tuple(name for name in _COLUMNS if getattr(rows, name))
    if parts:
        bound: dict[str, PgArray] = {}
        for name in parts:
            table = (_UPDATES if name in _UPDATES else _INSERTS)[name][0]
            bound.update(arrays(table, getattr(rows, name), _COLUMNS[name], name))
        asked.append((_statement(parts), bound))
    return asked
