"""Engines and transactions. The store is synchronous; rooms call it from worker threads."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000
SQLITE_BUSY_TIMEOUT_MS = 15_000
POOL_SIZE_MAX = 16
SQLITE_CACHE_KIB = 8_192
"""Of each connection. 64 MiB made 510 MB of a process at 100,000 entries, since each reader fills its own."""
_WAL_RETRY_S = 0.01


class Database:
    """One database and its dialect's two habits: how a write transaction begins, and what is tuned on connecting."""

    def __init__(self, url: str | URL) -> None:
        """`url`: `sqlite:///file` or `postgresql+psycopg://…`. Nothing is opened yet."""
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._sqlite_writer = threading.Lock()
        self.engine = _sqlite_engine(parsed) if self.is_sqlite else _postgresql_engine(parsed)
        # PostgreSQL's READ COMMITTED sees anew with every statement, so a transaction around reads gives nothing but
        # two more round trips; SQLite's begins none, as its driver is told so.
        self._reading = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; there is nothing to commit."""
        with self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits on leaving and rolls back on an exception.

        On SQLite it begins IMMEDIATE: a transaction that reads first and writes later could otherwise find
        another writer before it and fail without waiting (SQLITE_BUSY_SNAPSHOT).
        """
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                yield connection
            return
        # SQLite has one writer; waiting here in line beats its own wait, which sleeps longer each time it looks.
        with self._sqlite_writer, self.engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _postgresql_engine(url: URL) -> Engine:
    # A prepared statement may keep a plan made while its table was small, until the next ANALYZE. Forced to do so, a
    # look-up of identifiers took 3.5 ms instead of 1.3; left alone PostgreSQL chose well, and this makes sure of it.
    options = (
        "-c plan_cache_mode=force_custom_plan "
        f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
    )
    return create_engine(
        url,
        pool_size=POOL_SIZE_MAX,
        max_overflow=0,
        pool_pre_ping=False,
        # The one used last: its statements are prepared.
        pool_use_lifo=True,
        connect_args={"options": options, "application_name": "lgsp"},
    )


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=POOL_SIZE_MAX,
        max_overflow=0,
        # The one used last: its cache is filled, and the others' stay empty.
        pool_use_lifo=True,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _record: Any) -> None:
        # Transactions are begun by `write`, in plain sight, not by the driver before the first INSERT.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_TIMEOUT_MS}")
        _use_wal(cursor)
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            f"cache_size=-{SQLITE_CACHE_KIB}",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switch the file to WAL, or find it so.

    The first switch needs the file alone, and SQLite answers "locked" without waiting its busy timeout, since two that
    wait for each other here would wait for ever. So whoever meets another start on a new file asks again.
    """
    deadline_s = time.monotonic() + SQLITE_BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(_WAL_RETRY_S)
        else:
            return
