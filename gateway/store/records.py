"""Worker records, read and opened: what every room that projects or answers starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, select

from contracts.adapter_port import PersonKey
from contracts.canonical import JsonObject
from contracts.worker import WorkerRecord
from gateway.golden.held import HeldStatements, resolve
from gateway.golden.stored import load
from gateway.security.sealing import DataKey, Vault
from gateway.store import schema
from gateway.store.engine import Database

WORKERS_PER_READ_MAX = 1_000
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


def open_worker(vault: Vault, row: Any) -> OpenedWorker:
    """Open a row of `SELECT_WORKERS`. Raises CannotOpen."""
    key = vault.unwrap(row.key_id, row.wrapped)
    identity: JsonObject = {}
    if row.sealed is not None:
        identity = cast(JsonObject, key.open(row.sealed, table="workers", row=row.worker_id, fields="identity"))
    held = load(row.statements, identity)
    groups, provenance = resolve(held)
    record = WorkerRecord(row.worker_id, row.version, groups, provenance)
    scores = {"correct": row.score_correct, "complete": row.score_complete, "clean": row.score_clean}
    return OpenedWorker(record, held, key, row.commune, row.changed_at, scores, row.keys_doubted)


class RecordReader:
    """Reads records by worker id, and finds a person's worker id by number. Call from a worker thread."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

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
                found[row.worker_id] = open_worker(self._vault, row)
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
        return [self._vault.index(kind, value) for kind, value in kinds if value]
