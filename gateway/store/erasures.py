"""A person's rows, taken out of every table that holds something of them; and the marks by which they stay out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, cast

import orjson
from sqlalchemy import Connection, LargeBinary, bindparam, delete, insert, or_, select, text, update

from contracts.worker import Groups, join_identity
from gateway.security.sealing import Vault
from gateway.store import schema
from gateway.store.intake_rows import EventRow

_IDS_PER_PAGE: Final = 10_000
_MARK: Final = text(
    "INSERT INTO erased_marks (mark, erased_at) VALUES (:mark, :at) ON CONFLICT (mark) DO NOTHING"
).bindparams(bindparam("mark", type_=LargeBinary()))
_KEYED: Final = (schema.observations, schema.entries)


def lock_worker(connection: Connection, worker_id: str) -> int | None:
    """The record's version, locked until the transaction ends: no slice of entries changes the person meanwhile."""
    columns = schema.workers.c
    query = select(columns.version).where(columns.worker_id == worker_id).with_for_update()
    return connection.execute(query).scalar_one_or_none()


def said_of(connection: Connection, vault: Vault, worker_ids: Sequence[str]) -> dict[str, list[Groups]]:
    """What was ever said of these people, with their identity. Raises CannotOpen."""
    said, keys = schema.observations, schema.data_keys
    query = select(said, keys.c.wrapped).join(keys, keys.c.key_id == said.c.key_id)
    found: dict[str, list[Groups]] = {}
    for row in connection.execute(query.where(said.c.worker_id.in_(worker_ids))):
        found.setdefault(row.worker_id, []).append(_opened(vault, row))
    return found


def _opened(vault: Vault, row: Any) -> Groups:
    groups: Groups = orjson.loads(row.groups)
    if row.sealed is None:
        return groups
    key = vault.unwrap(row.key_id, bytes(row.wrapped))
    identity = key.open(bytes(row.sealed), table="observations", row=row.entry_id, fields="identity")
    return join_identity(groups, cast(Groups, identity))


def own_indexes(connection: Connection, worker_id: str) -> set[bytes]:
    """Indexes by which the person is or was found, but for those by which somebody else is found now."""
    table = schema.worker_identifiers
    theirs = select(table.c.index).where(table.c.worker_id == worker_id)
    found = {bytes(index) for index in connection.execute(theirs).scalars()}
    others = select(table.c.index).where(
        table.c.index.in_(found), table.c.worker_id != worker_id, table.c.valid_to.is_(None)
    )
    return found - {bytes(index) for index in connection.execute(others).scalars()}


def add_marks(connection: Connection, marks: Iterable[bytes], at: str) -> None:
    """Enter marks; those that are known stay as they are."""
    rows = [{"mark": mark, "at": at} for mark in sorted(marks)]
    if rows:
        connection.execute(_MARK, rows)


def known_marks(connection: Connection, marks: Iterable[bytes]) -> set[bytes]:
    """Which of these are marks of somebody erased."""
    query = select(schema.erased_marks.c.mark).where(schema.erased_marks.c.mark.in_(list(marks)))
    return {bytes(mark) for mark in connection.execute(query).scalars()}


def worker_ids(connection: Connection) -> Iterator[str]:
    """Every worker id, in order."""
    columns = schema.workers.c
    last: str | None = None
    while True:
        query = select(columns.worker_id).order_by(columns.worker_id).limit(_IDS_PER_PAGE)
        found = list(connection.execute(query if last is None else query.where(columns.worker_id > last)).scalars())
        yield from found
        if len(found) < _IDS_PER_PAGE:
            return
        last = found[-1]


def delete_person(connection: Connection, worker_id: str) -> None:
    """Keys, identifiers, record, observations, views and answers go; entries stay as empty shells for their receipts.

    Events stay as published: without a key, nobody opens the identity in them.
    """
    keys, entries = schema.data_keys.c, schema.entries.c
    used = [select(table.c.key_id).where(table.c.worker_id == worker_id) for table in _KEYED]
    connection.execute(delete(schema.data_keys).where(or_(keys.worker_id == worker_id, *map(keys.key_id.in_, used))))
    for table in (
        schema.worker_identifiers,
        schema.observations,
        schema.workers,
        schema.verifications,
        schema.target_writes,
        schema.disagreements,
    ):
        connection.execute(delete(table).where(table.c.worker_id == worker_id))
    emptied = update(schema.entries).where(entries.worker_id == worker_id)
    connection.execute(emptied.values(sealed=b"", envelope="{}", commune=None, decision=None))
    views = update(schema.target_states).where(schema.target_states.c.worker_id == worker_id)
    connection.execute(views.values(applied_view=None, applied_key_id=None, applied_hash=None, answer=None))


def end_entry(connection: Connection, entry_id: str, key_id: str, by: str, at: str) -> bool:
    """An entry in quarantine about somebody erased is ended and emptied; False when it was decided meanwhile."""
    columns = schema.entries.c
    decision = orjson.dumps({"decision": "rejected", "reason": "people:erase"}).decode()
    ended = update(schema.entries).where(columns.entry_id == entry_id, columns.state == "quarantined")
    values = {"state": "rejected", "sealed": b"", "envelope": "{}", "decided_at": at, "decided_by": by}
    if connection.execute(ended.values(**values, decision=decision)).rowcount == 0:
        return False
    connection.execute(delete(schema.data_keys).where(schema.data_keys.c.key_id == key_id))
    return True


def add_event(connection: Connection, row: EventRow) -> None:
    """The person's last event, and its place in the line to the stream."""
    values = {name: getattr(row, name) for name in EventRow.__slots__}
    made = connection.execute(insert(schema.events).returning(schema.events.c.id), values).scalar_one()
    connection.execute(insert(schema.pending), {"id": made, "worker_id": row.worker_id})
