"""Whether the migrations build exactly what `gateway.store.schema` says: in a fresh place, by two comparisons."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, make_url

from gateway.store.engine import Database
from gateway.store.migrations import migrating, upgrade_on
from gateway.store.migrations.catalogue import catalogue
from gateway.store.schema import metadata

_OPTIONS: Final = {"compare_type": True, "compare_server_default": True}


def drift(url: str) -> list[str]:
    """The differences, each a line; empty if there are none.

    On PostgreSQL two schemas are made in the given database and dropped again; nothing else in it is touched.
    """
    with _fresh(url) as connection:
        upgrade_on(connection)
        context = MigrationContext.configure(connection, opts=_OPTIONS)
        found = [f"alembic: {difference!r}" for difference in compare_metadata(context, metadata)]
        migrated = catalogue(connection)
    with _fresh(url) as connection:
        metadata.create_all(connection)
        stated = catalogue(connection)
    found += [f"only in the migrations: {line}" for line in sorted(migrated - stated)]
    return found + [f"only in the schema: {line}" for line in sorted(stated - migrated)]


def drift_on_sqlite() -> list[str]:
    """The same in a file of its own."""
    with tempfile.TemporaryDirectory(prefix="lgsp-drift-") as directory:
        return drift(f"sqlite:///{Path(directory) / 'fresh.sqlite3'}")


@contextmanager
def _fresh(url: str) -> Iterator[Connection]:
    name = f"lgsp_drift_{secrets.token_hex(6)}"
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = parsed.set(database=f"{parsed.database}.{name}")
    database = Database(parsed)
    try:
        with migrating(database) as connection:
            if database.is_sqlite:
                yield connection
            else:
                yield from _in_own_schema(connection, name)
    finally:
        database.close()


def _in_own_schema(connection: Connection, name: str) -> Iterator[Connection]:
    connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    connection.exec_driver_sql(f"SET search_path TO {name}")
    connection.commit()
    try:
        yield connection
    finally:
        connection.rollback()
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
        connection.commit()
