"""The index key in force, and its turn: what is found by the old one is found by the new one from one commit on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, exists, func, insert, select, text

from gateway.store.schema import identifier_rehashes, index_keys, worker_identifiers

PEOPLE_PER_PAGE: Final = 500
_PUT: Final = text(
    "INSERT INTO index_keys (one, key_id, since) VALUES (1, :key_id, :at) "
    "ON CONFLICT (one) DO UPDATE SET key_id = :key_id, since = :at"
)
_TURN: Final = text(
    'UPDATE worker_identifiers SET "index" = rehashed."index" FROM identifier_rehashes AS rehashed '
    "WHERE rehashed.id = worker_identifiers.id AND rehashed.key_id = :key_id"
)
# Intake takes a lesser lock on the table with its first statement, and reads the key in force behind it.
_ALONE: Final = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL lock_timeout = '60s'",
    "LOCK TABLE worker_identifiers IN EXCLUSIVE MODE",
)


@dataclass(frozen=True, slots=True)
class IdentifierRow:
    """One row of `worker_identifiers`."""

    id: int
    kind: str
    index: bytes
    worker_id: str


def in_force(connection: Connection) -> str | None:
    """Id of the index key by which people are found; None before the first rotation."""
    return connection.execute(select(index_keys.c.key_id)).scalar_one_or_none()


def count(connection: Connection) -> tuple[int, int]:
    """(identifiers, those of them that have their next index)."""
    identifiers = connection.execute(select(func.count()).select_from(worker_identifiers)).scalar_one()
    return identifiers, connection.execute(select(func.count()).select_from(identifier_rehashes)).scalar_one()


def waiting(connection: Connection, after: str | None) -> list[str]:
    """Worker ids above `after`, a page of them, with an identifier that lacks its next index."""
    columns = worker_identifiers.c
    done = exists().where(identifier_rehashes.c.id == columns.id)
    query = select(columns.worker_id).distinct().where(~done).order_by(columns.worker_id).limit(PEOPLE_PER_PAGE)
    return list(connection.execute(query if after is None else query.where(columns.worker_id > after)).scalars())


def identifiers(connection: Connection, worker_ids: Sequence[str]) -> list[IdentifierRow]:
    """Identifiers of these people that lack their next index, past ones too."""
    columns = worker_identifiers.c
    done = exists().where(identifier_rehashes.c.id == columns.id)
    query = select(columns.id, columns.kind, columns.index, columns.worker_id).where(~done)
    rows = connection.execute(query.where(columns.worker_id.in_(worker_ids)))
    return [IdentifierRow(row_id, kind, bytes(index), owner) for row_id, kind, index, owner in rows]


def forget_others(connection: Connection, key_id: str) -> None:
    """What was laid aside for another key, of a rotation that was given up, is worth nothing."""
    connection.execute(identifier_rehashes.delete().where(identifier_rehashes.c.key_id != key_id))


def keep(connection: Connection, indexes: dict[int, bytes], key_id: str) -> None:
    """The next index of each of these rows, by this key."""
    if indexes:
        rows = [{"id": row_id, "index": index, "key_id": key_id} for row_id, index in sorted(indexes.items())]
        connection.execute(insert(identifier_rehashes), rows)


def stand_alone(connection: Connection) -> None:
    """Nobody enters an identifier until this transaction ends. On SQLite whoever writes is alone already."""
    if connection.dialect.name == "postgresql":
        for statement in _ALONE:
            connection.execute(text(statement))


def turn(connection: Connection, key_id: str, at: str) -> None:
    """Every identifier has its next index, and the key of that is in force, when this transaction commits."""
    connection.execute(_TURN, {"key_id": key_id})
    connection.execute(identifier_rehashes.delete())
    connection.execute(_PUT, {"key_id": key_id, "at": at})
