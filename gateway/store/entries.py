"""Stored entries: one by id, and those in quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import orjson
from sqlalchemy import Connection, Row, func, select, text, update

from contracts.canonical import JsonObject
from contracts.entry import Receipt
from gateway.security.sealing import DataKey, Vault
from gateway.store import audit, schema
from gateway.store.decisions import decision_to_json, key_of_decision, opened_decision
from gateway.store.engine import Database
from gateway.store.receipts import receipt_from_json

_TABLE = schema.entries


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry without its fields; `state` adds `rejected` to the states of a receipt."""

    entry_id: str
    sender: str
    received_at: str
    source: str
    form: str | None
    declared_on: str
    commune: str | None
    state: str
    worker_id: str | None
    version: int | None
    replaces: str | None
    key_id: str
    envelope: JsonObject
    receipt: Receipt
    decided_at: str | None
    decided_by: str | None
    decision: JsonObject | None


class EntryReader:
    """Reads entries, and opens their fields for a release. Call from a worker thread."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def get(self, entry_id: str) -> StoredEntry | None:
        """An entry, or None."""
        with self._database.read() as connection:
            row = connection.execute(select(_TABLE).where(_TABLE.c.entry_id == entry_id)).one_or_none()
            if row is None or row.decision is None:
                return None if row is None else _stored(row, None)
            decision: JsonObject = orjson.loads(row.decision)
            key_id = key_of_decision(decision)
            key = None if key_id is None else self._key(connection, key_id)
        return _stored(row, opened_decision(decision, entry_id, key))

    def quarantined(self, after: str | None, limit: int, commune: str | None = None) -> list[StoredEntry]:
        """Entries that wait for a person, oldest first (ids are in order of arrival); `commune`: its own alone."""
        query = select(_TABLE).where(text(schema.QUARANTINED_WHERE)).order_by(_TABLE.c.entry_id).limit(limit)
        if after is not None:
            query = query.where(_TABLE.c.entry_id > after)
        if commune is not None:
            query = query.where(_TABLE.c.commune == commune)
        with self._database.read() as connection:
            return [_stored(row, None) for row in connection.execute(query)]

    def fields(self, entry_id: str) -> JsonObject:
        """The fields as submitted. Raises CannotOpen when the person has been erased."""
        keys = schema.data_keys
        query = (
            select(_TABLE.c.sealed, keys.c.key_id, keys.c.wrapped)
            .join(keys, keys.c.key_id == _TABLE.c.key_id)
            .where(_TABLE.c.entry_id == entry_id)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one()
        key = self._vault.unwrap(row.key_id, row.wrapped)
        return cast(JsonObject, key.open(row.sealed, table="entries", row=entry_id, fields="fields"))

    def _key(self, connection: Connection, key_id: str) -> DataKey | None:
        keys = schema.data_keys.c
        wrapped = connection.execute(select(keys.wrapped).where(keys.key_id == key_id)).scalar_one_or_none()
        return None if wrapped is None else self._vault.unwrap(key_id, bytes(wrapped))

    def reject(self, entry_id: str, decided_at: str, decided_by: str, reason: str) -> bool:
        """End a quarantined entry without merging it; False when it was decided already."""
        waiting = (_TABLE.c.entry_id == entry_id, _TABLE.c.state == "quarantined")
        told = {"state": "rejected", "decided_at": decided_at, "decided_by": decided_by}
        with self._database.write() as connection:
            key_id = connection.execute(select(_TABLE.c.key_id).where(*waiting)).scalar_one_or_none()
            key = None if key_id is None else self._key(connection, key_id)
            if key is None:
                return False
            decision = decision_to_json("rejected", reason, entry_id, key)
            if connection.execute(update(_TABLE).where(*waiting).values(**told, decision=decision)).rowcount == 0:
                return False
            audit.add(connection, decided_at, decided_by, "entry:rejected", entry_id, {})
        return True

    def quarantine_size(self) -> int:
        """How many entries wait for a person."""
        query = select(func.count()).select_from(_TABLE).where(text(schema.QUARANTINED_WHERE))
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def counts(self) -> dict[str, int]:
        """How many entries are in each state."""
        with self._database.read() as connection:
            rows = connection.execute(select(_TABLE.c.state, func.count()).group_by(_TABLE.c.state))
            return dict(rows.tuples().all())


def _stored(row: Row[Any], decision: JsonObject | None) -> StoredEntry:
    return StoredEntry(
        entry_id=row.entry_id,
        sender=row.sender,
        received_at=row.received_at,
        source=row.source,
        form=row.form,
        declared_on=row.declared_on,
        commune=row.commune,
        state=row.state,
        worker_id=row.worker_id,
        version=row.version,
        replaces=row.replaces,
        key_id=row.key_id,
        envelope=orjson.loads(row.envelope),
        receipt=receipt_from_json(orjson.loads(row.receipt)),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        decision=decision,
    )
