"""Where intake's transactions begin, and what it may ask without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.security.sealing import Vault
from gateway.store.engine import Database
from gateway.store.intake_postgresql import PostgresqlSlice
from gateway.store.intake_slice import IntakeSlice
from gateway.store.intake_sqlite import SqliteSlice


@dataclass(frozen=True, slots=True)
class HeardEntry:
    """An entry stored earlier under the same sender's key."""

    body_digest: bytes
    receipt: str


class IntakeStore:
    """Opens slices, and answers what needs no lock."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._slice: type[IntakeSlice] = SqliteSlice if database.is_sqlite else PostgresqlSlice

    @contextmanager
    def slice(self) -> Iterator[IntakeSlice]:
        """A transaction that commits on leaving."""
        with self._database.write() as connection:
            yield self._slice(connection, self._vault)

    def heard(self, key_indexes: Sequence[bytes]) -> dict[bytes, HeardEntry]:
        """What was stored under these senders' keys."""
        if not key_indexes:
            return {}
        with self._database.read() as connection:
            found = self._slice.heard(connection, key_indexes)
        return {bytes(key): HeardEntry(bytes(digest), receipt) for key, digest, receipt in found}
