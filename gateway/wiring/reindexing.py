"""The index key, by which people are found, rotates while the house is open.

1. The key that comes stands in the key file beside the present one; every process takes it, and finds by both.
2. For every identifier the index by the new key is worked out and laid aside, page by page: this is what takes time.
3. In one transaction, in which nobody else enters an identifier, all of them turn, and the database says that the new
   key is in force. A slice of entries reads that behind its own lock; one prepared with the old key is indexed anew.
4. The old key is forgotten.

A run that is broken off is continued by the next, from whichever step it had reached.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Connection

from contracts.worker import Groups
from gateway.clock import Clock, instant
from gateway.golden.match import Identity, identity_of
from gateway.security.key_provider import KeyProvider
from gateway.security.keyring import Keyring, KeysUnusable
from gateway.security.sealing import Vault, index_key_id
from gateway.store import audit, index_keys
from gateway.store.engine import Database
from gateway.store.erasures import said_of
from gateway.store.records import RecordReader
from gateway.wiring.rotating import HEARD_AFTER_S, OTHER_UNDER_WAY, Rotated, Tell, permit

KEY: Final = "index"


def reindex(
    provider: KeyProvider,
    database: Database,
    clock: Clock,
    actor: str,
    tell: Tell,
    sleep: Callable[[float], None] = time.sleep,
    approval: int | None = None,
) -> Rotated:
    """Blocks until it is done; `keys`: identifiers, `changed`: those that are found by the new key. The others' values
    stand in no statement that is kept: they keep the index that they had, and are found by nothing any more.

    Raises KeysUnusable, CannotOpen, SQLAlchemyError; then the next run goes on, without
    being approved again. Raises SecondPersonNeeded before anything is changed."""
    with provider.alone():
        keyring = provider.load()
        if keyring.retired:
            raise KeysUnusable(OTHER_UNDER_WAY.format(command="lgsp keys rotate"))
        if keyring.next_index is None:
            # The same once more: where nothing can be kept, no approval is used up.
            provider.replace(keyring)
            permit(database, KEY, approval, instant(clock()))
            keyring = keyring.with_next_index()
            provider.replace(keyring)
        sleep(HEARD_AFTER_S)
        done = _Reindexing(database, keyring).run(clock, actor, tell, approval)
        provider.replace(keyring.with_index_turned())
    return done


class _Reindexing:
    def __init__(self, database: Database, keyring: Keyring) -> None:
        assert keyring.next_index is not None, "the key that comes has been made"
        self._database = database
        self._old, self._new = Vault(keyring), Vault(keyring)
        self._key_id = index_key_id(keyring.next_index)
        self._new.turn(self._key_id)
        self._records = RecordReader(database, self._old)
        self._unknown = 0

    def run(self, clock: Clock, actor: str, tell: Tell, approval: int | None) -> Rotated:
        with self._database.read() as connection:
            if index_keys.in_force(connection) == self._key_id:
                keys, _ = index_keys.count(connection)
                return Rotated(keys, keys)
        with self._database.write() as connection:
            index_keys.forget_others(connection, self._key_id)
        last: str | None = None
        while page := self._page(last):
            last = page
            with self._database.read() as connection:
                total, done = index_keys.count(connection)
            tell(done, total)
        with self._database.write() as connection:
            index_keys.stand_alone(connection)
            # Whoever came in since: few.
            while people := index_keys.waiting(connection, None):
                self._keep(connection, people)
            keys, _ = index_keys.count(connection)
            at, told = instant(clock()), {"keys": keys, "changed": keys - self._unknown, "approval": approval}
            index_keys.turn(connection, self._key_id, at)
            audit.add(connection, at, actor, "keys:rotated", KEY, told)
        tell(keys, keys)
        return Rotated(keys, keys - self._unknown)

    def _page(self, after: str | None) -> str | None:
        """The last of the people of this page, or None after the last page."""
        with self._database.write() as connection:
            people = index_keys.waiting(connection, after)
            self._keep(connection, people)
        return people[-1] if people else None

    def _keep(self, connection: Connection, people: list[str]) -> None:
        rows = index_keys.identifiers(connection, people)
        records = self._records.read_in(connection, people)
        said = said_of(connection, self._old, people)
        known: dict[str, dict[bytes, bytes]] = {}
        for worker_id in people:
            groups = [*said.get(worker_id, ()), *([records[worker_id].record.groups] if worker_id in records else ())]
            known[worker_id] = {
                self._old.index(kind, value): self._new.index(kind, value) for kind, value in _values(groups)
            }
        indexes = {row.id: known[row.worker_id].get(row.index, row.index) for row in rows}
        self._unknown += sum(indexes[row.id] == row.index for row in rows)
        index_keys.keep(connection, indexes, self._key_id)


def _values(statements: Iterable[Groups]) -> set[tuple[str, str]]:
    """Everything by which somebody of whom this was said may ever have been found: a name from one statement and a
    number from another were one identifier once both stood in the record."""
    said = [identity_of(groups) for groups in statements]
    names = {one.full_name for one in said}
    days = {one.birth_date for one in said}
    numbers = {one.cmnd for one in said}
    mixed = [Identity(None, number, None, name, day) for number in numbers for name in names for day in days]
    return {item for one in (*said, *mixed) for item in one.values().items()}
