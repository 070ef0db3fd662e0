"""Migrations: the only way in which a database gets its tables, in production as in tests.

Alembic is driven from here, without an ini file, so that the installed package is enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import URL, Connection

from gateway.store.engine import Database

ADVISORY_LOCK: Final = 0x4C475350
"""Key of the PostgreSQL lock that lets one process migrate at a time ("LGSP")."""
TABLE_LOCK_TIMEOUT_MS: Final = 10_000


class DatabaseTooNew(RuntimeError):
    """The database was migrated by a newer program; this one must not touch it."""


def upgrade(url: str | URL) -> None:
    """Bring a database to the newest schema; does nothing if it is there. Processes that do so at once wait in line.

    Raises DatabaseTooNew, and SQLAlchemyError: then the migration that failed has changed nothing.
    """
    database = Database(url)
    try:
        with migrating(database) as connection:
            upgrade_on(connection)
    finally:
        database.close()


def pending_migrations(url: str | URL) -> list[str]:
    """Revisions that the database lacks, oldest first. Raises DatabaseTooNew."""
    database = Database(url)
    try:
        with database.read() as connection:
            return _missing(connection)
    finally:
        database.close()


def _missing(connection: Connection) -> list[str]:
    heads = MigrationContext.configure(connection).get_current_heads()
    scripts = ScriptDirectory.from_config(config())
    try:
        return [script.revision for script in scripts.iterate_revisions("heads", heads or "base")][::-1]
    except (CommandError, ResolutionError) as error:
        raise DatabaseTooNew(f"the database is at {', '.join(heads)}, which this program does not know") from error


@contextmanager
def migrating(database: Database) -> Iterator[Connection]:
    """A connection that alone may migrate."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()
            return
        # Waiting in line may take as long as another's migration. Waiting for a table must not: everybody else who
        # wants that table then waits behind us.
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("SET lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
        connection.exec_driver_sql(f"SET lock_timeout = {TABLE_LOCK_TIMEOUT_MS}")
        connection.commit()
        try:
            yield connection
            connection.commit()
        finally:
            # The lock belongs to the session, and this session must not go back to a pool with it.
            connection.invalidate()


def upgrade_on(connection: Connection) -> None:
    """Run what is missing on a connection from `migrating`."""
    if not _missing(connection):
        return
    if connection.dialect.name == "postgresql":
        # Reading began a transaction, and inside one Alembic would not give each migration its own.
        connection.commit()
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")


def config() -> Config:
    """Alembic's configuration, made in memory."""
    settings = Config()
    # Alembic reads options through ConfigParser, where a percent sign begins an interpolation.
    settings.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return settings
