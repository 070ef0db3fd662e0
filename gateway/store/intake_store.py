"""Where intake's transactions begin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.security.sealing import Vault
from gateway.store.engine import Database
from gateway.store.intake_postgresql import PostgresqlSlice
from gateway.store.intake_slice import IntakeSlice
from gateway.store.intake_sqlite import SqliteSlice


class IntakeStore:
    """Opens slices."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._slice: type[IntakeSlice] = SqliteSlice if database.is_sqlite else PostgresqlSlice

    @contextmanager
    def slice(self) -> Iterator[IntakeSlice]:
        """A transaction that commits on leaving."""
        with self._database.write() as connection:
            yield self._slice(connection, self._vault)
