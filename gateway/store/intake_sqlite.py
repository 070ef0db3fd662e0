"""The slice on SQLite: executemany in one IMMEDIATE transaction. The database has one writer: nothing is locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, bindparam, delete, func, insert, literal, select, update

from gateway.store import schema
from gateway.store.intake_rows import DecisionRow, NewcomerRow, SliceRows, WorkerRow
from gateway.store.intake_slice import IntakeSlice
from gateway.store.reported import UPSERT, parameters
from gateway.store.unnest import names_of

_UPDATE_WORKER = (
    update(schema.workers)
    .where(schema.workers.c.worker_id == bindparam("of_worker"))
    .values({name: bindparam(name) for name in WorkerRow.__slots__ if name != "worker_id"})
)
_DECIDE = (
    update(schema.entries)
    .where(schema.entries.c.entry_id == bindparam("of_entry"))
    .values({name: bindparam(name) for name in DecisionRow.__slots__ if name != "entry_id"})
)
_REPOINT = (
    update(schema.data_keys)
    .where(schema.data_keys.c.key_id == bindparam("of_key"))
    .values(worker_id=bindparam("worker_id"))
)
_CLOSE = (
    update(schema.worker_identifiers)
    .where(schema.worker_identifiers.c.id == bindparam("of_id"))
    .values(valid_to=bindparam("closed_at"))
)
_ABANDON = delete(schema.worker_identifiers).where(schema.worker_identifiers.c.worker_id == bindparam("of_worker"))


class SqliteSlice(IntakeSlice):
    """See IntakeSlice."""

    def enrol(self, newcomers: Sequence[NewcomerRow]) -> set[bytes]:
        """See IntakeSlice. The caller has resolved inside this transaction, so nobody can have come between."""
        self._insert(schema.worker_identifiers, newcomers)
        return {row.index for row in newcomers}

    def lock(self, worker_ids: Sequence[str]) -> None:
        """Nothing to do: the transaction is the only writer."""

    def write(self, rows: SliceRows) -> None:
        """See IntakeSlice."""
        self._insert(schema.data_keys, rows.keys)
        self._insert(schema.entries, rows.entries)
        self._insert(schema.observations, rows.observations)
        self._insert(schema.workers, rows.new_workers)
        if rows.decisions:
            self.connection.execute(_DECIDE, [_rename(asdict(row), "entry_id", "of_entry") for row in rows.decisions])
        if rows.repointed_keys:
            self.connection.execute(_REPOINT, [_rename(asdict(row), "key_id", "of_key") for row in rows.repointed_keys])
        if rows.workers:
            self.connection.execute(
                _UPDATE_WORKER, [_rename(asdict(row), "worker_id", "of_worker") for row in rows.workers]
            )
        if rows.abandoned:
            self.connection.execute(_ABANDON, [{"of_worker": worker_id} for worker_id in rows.abandoned])
        if rows.closed_identifiers:
            at = rows.audit[0].at
            self.connection.execute(_CLOSE, [{"of_id": row_id, "closed_at": at} for row_id in rows.closed_identifiers])
        self._insert(schema.worker_identifiers, rows.identifiers)
        self._write_events(rows)
        if rows.reported:
            self.connection.execute(UPSERT, [parameters(row) for row in rows.reported])
        self._insert(schema.audit_rows, rows.audit)
        self._insert(schema.receipt_batches, rows.receipts)

    def _insert(self, table: Table, rows: Sequence[Any]) -> None:
        if rows:
            # Not asdict: it copies every value deeply, and stood first in the profile of a slice.
            names = names_of(type(rows[0]))
            self.connection.execute(insert(table), [{name: getattr(row, name) for name in names} for row in rows])

    def _write_events(self, rows: SliceRows) -> None:
        if not rows.events:
            return
        events = schema.events
        last = self.connection.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one()
        self._insert(events, rows.events)
        fresh = select(events.c.id, events.c.worker_id).where(events.c.id > literal(last))
        self.connection.execute(insert(schema.pending).from_select(["id", "worker_id"], fresh))


def _rename(values: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    values[new] = values.pop(old)
    return values
