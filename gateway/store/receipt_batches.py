"""Batches of signed receipts, and the entries that they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

import orjson
from sqlalchemy import select

from contracts.canonical import JsonObject
from gateway.security.merkle import HASH_BYTES
from gateway.security.sealing import CannotOpen, Vault
from gateway.store import schema
from gateway.store.engine import Database

_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """One batch. `leaves` and `entry_ids` in order, as many of the one as of the other."""

    batch: str
    leaves: Sequence[bytes]
    entry_ids: Sequence[str]
    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class SubmittedEntry:
    """What one sender submitted."""

    entry_id: str
    received_at: str
    envelope: JsonObject
    fields: JsonObject


class ReceiptReader:
    """Reads batches. Call from a worker thread."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def batch(self, batch: str) -> StoredBatch | None:
        """One batch, or None."""
        table = schema.receipt_batches
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.batch == batch)).one_or_none()
        if row is None:
            return None
        ids = [str(UUID(bytes=one)) for one in _cut(bytes(row.entry_ids), _ID_BYTES)]
        return StoredBatch(row.batch, _cut(bytes(row.leaves), HASH_BYTES), ids, row.key_id, bytes(row.signature))

    def submitted(self, entry_ids: Sequence[str], sender: str) -> Mapping[str, SubmittedEntry]:
        """Those of the entries that this sender submitted, by id; without the erased, whom nothing opens any more."""
        table, keys = schema.entries, schema.data_keys
        columns = (
            table.c.entry_id,
            table.c.received_at,
            table.c.envelope,
            table.c.sealed,
            keys.c.key_id,
            keys.c.wrapped,
        )
        query = select(*columns).join(keys, keys.c.key_id == table.c.key_id)
        with self._database.read() as connection:
            rows = connection.execute(query.where(table.c.entry_id.in_(entry_ids), table.c.sender == sender)).all()
        found = {}
        for row in rows:
            try:
                key = self._vault.unwrap(row.key_id, bytes(row.wrapped))
                fields = cast(JsonObject, key.open(row.sealed, table="entries", row=row.entry_id, fields="fields"))
            except CannotOpen:
                continue
            found[row.entry_id] = SubmittedEntry(row.entry_id, row.received_at, orjson.loads(row.envelope), fields)
        return found


def _cut(whole: bytes, size: int) -> list[bytes]:
    return [whole[at : at + size] for at in range(0, len(whole), size)]
