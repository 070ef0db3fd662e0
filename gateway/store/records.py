"""Worker records, read and opened: what every room that projects or answers starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, select

from contracts.adapter_port import PersonKey
from contracts.canonical import JsonObject
from contracts.worker import GroupName, Groups, Provenance, WorkerRecord
from gateway.golden.held import HeldStatements, resolve
from gateway.golden.stored import load
from gateway.security.sealing import DataKey, Vault
from gateway.store import row_sets, schema
from gateway.store.engine import Database

WORKERS_PER_READ_MAX = 1_000
OPENED_KEPT_MAX = 4_096
"""About 10 kB each. Records that nobody looked at lately are opened anew."""
_WORKER_COLUMNS = (
    schema.workers.c.worker_id,
    schema.workers.c.version,
    schema.workers.c.key_id,
    schema.workers.c.statements,
    schema.workers.c.sealed,
    schema.workers.c.commune,
    schema.workers.c.changed_at,
    schema.workers.c.score_correct,
    schema.workers.c.score_complete,
    schema.workers.c.score_clean,
    schema.workers.c.keys_doubted,
    schema.data_keys.c.wrapped,
)
SELECT_WORKERS = select(*_WORKER_COLUMNS).join(schema.data_keys, schema.data_keys.c.key_id == schema.workers.c.key_id)

_SELECT_KEYS = select(schema.workers.c.worker_id, schema.data_keys.c.key_id, schema.data_keys.c.wrapped).join(
    schema.data_keys, schema.data_keys.c.key_id == schema.workers.c.key_id
)


@dataclass(frozen=True, slots=True)
class OpenedWorker:
    """A worker's record with identity in clear, everything held of the person, and the key that seals it."""

    record: WorkerRecord
    held: HeldStatements
    key: DataKey
    commune: str | None
    changed_at: str
    scores: dict[str, int | None]
    """Correct, complete, clean, 0-100; None = not applicable."""
    keys_doubted: bool
    """A rule doubts a number that identifies the person."""


_Box: TypeAlias = tuple[str, str, bytes, str, bytes | None]
"""What a record is opened from: worker id, key id, wrapped key, statements, sealed identity."""
_Contents: TypeAlias = tuple[DataKey, HeldStatements, Groups, dict[GroupName, Provenance]]


def open_worker(vault: Vault, row: Any) -> OpenedWorker:
    """Open a row of `SELECT_WORKERS`. Raises CannotOpen."""
    return _opened(row, _contents(vault, _box(row)))


def _box(row: Any) -> _Box:
    return row.worker_id, row.key_id, row.wrapped, row.statements, row.sealed


def _contents(vault: Vault, box: _Box) -> _Contents:
    worker_id, key_id, wrapped, statements, sealed = box
    key = vault.unwrap(key_id, wrapped)
    identity: JsonObject = {}
    if sealed is not None:
        identity = cast(JsonObject, key.open(sealed, table="workers", row=worker_id, fields="identity"))
    held = load(statements, identity)
    return key, held, *resolve(held)


def _opened(row: Any, contents: _Contents) -> OpenedWorker:
    key, held, groups, provenance = contents
    record = WorkerRecord(row.worker_id, row.version, groups, provenance)
    scores = {"correct": row.score_correct, "complete": row.score_complete, "clean": row.score_clean}
    return OpenedWorker(record, held, key, row.commune, row.changed_at, scores, row.keys_doubted)


class RecordReader:
    """Reads records by worker id, and finds a person's worker id by number. Call from a worker thread.

    After one change every target's two loops, verification and capture read the same record: what was opened lately is
    kept opened. The sealed bytes themselves are what it is known by, so that a stored change is never missed.
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._kept = lru_cache(maxsize=OPENED_KEPT_MAX)(partial(_contents, vault))

    def read(self, worker_ids: Sequence[str]) -> dict[str, OpenedWorker]:
        """The records that exist, by worker id; at version 0 (being made) they do not exist yet."""
        with self._database.read() as connection:
            return self.read_in(connection, worker_ids)

    def read_in(self, connection: Connection, worker_ids: Sequence[str]) -> dict[str, OpenedWorker]:
        """The same inside a caller's transaction."""
        found: dict[str, OpenedWorker] = {}
        for start in range(0, len(worker_ids), WORKERS_PER_READ_MAX):
            part = worker_ids[start : start + WORKERS_PER_READ_MAX]
            query = SELECT_WORKERS.where(schema.workers.c.worker_id.in_(part), schema.workers.c.version > 0)
            for row in connection.execute(query):
                found[row.worker_id] = _opened(row, self._kept(_box(row)))
        return found

    def communes(self, worker_ids: Sequence[str]) -> dict[str, str | None]:
        """Worker id -> the commune that the person belongs to; nothing is opened for it."""
        columns = schema.workers.c
        with self._database.read() as connection:
            wanted = row_sets.among(connection, columns.worker_id, worker_ids)
            rows = connection.execute(select(columns.worker_id, columns.commune).where(wanted))
            return {row.worker_id: row.commune for row in rows}

    def keys(self, worker_ids: Sequence[str]) -> dict[str, DataKey]:
        """The keys of the records that exist, by worker id: all that hashing and sealing need."""
        found: dict[str, DataKey] = {}
        with self._database.read() as connection:
            for start in range(0, len(worker_ids), WORKERS_PER_READ_MAX):
                part = worker_ids[start : start + WORKERS_PER_READ_MAX]
                query = _SELECT_KEYS.where(schema.workers.c.worker_id.in_(part), schema.workers.c.version > 0)
                for worker_id, key_id, wrapped in connection.execute(query):
                    found[worker_id] = self._vault.unwrap(key_id, wrapped)
        return found

    def find(self, person: PersonKey) -> str | None:
        """The worker with this number: the personal number decides, then the old one, then social insurance."""
        return self.find_many([person])[0]

    def find_many(self, people: Sequence[PersonKey]) -> list[str | None]:
        """`find` for many at once, in order, with one statement."""
        candidates = [self._indexes(person) for person in people]
        wanted = {index for indexes in candidates for index in indexes}
        owners = self.owners(sorted(wanted))
        return [
            next((owners[index][0] for index in indexes if len(owners.get(index, ())) == 1), None)
            for indexes in candidates
        ]

    def owners(self, indexes: Sequence[bytes]) -> dict[bytes, list[str]]:
        """Current owners of index values."""
        found: dict[bytes, list[str]] = {}
        table = schema.worker_identifiers
        with self._database.read() as connection:
            for start in range(0, len(indexes), WORKERS_PER_READ_MAX):
                part = indexes[start : start + WORKERS_PER_READ_MAX]
                query = select(table.c.index, table.c.worker_id).where(
                    table.c.index.in_(part), table.c.valid_to.is_(None)
                )
                for index, worker_id in connection.execute(query):
                    found.setdefault(bytes(index), []).append(worker_id)
        return found

    def _indexes(self, person: PersonKey) -> list[bytes]:
        kinds = (
            (schema.PERSONAL_NUMBER, person.personal_number),
            (schema.CMND, person.cmnd),
            (schema.SOCIAL_INSURANCE_NUMBER, person.social_insurance_number),
        )
        return [index for kind, value in kinds if value for index in self._vault.every_index(kind, value)]
