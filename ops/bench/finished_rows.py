"""The floor of the work: the rows that a run wrote, put again into fresh tables with the same indexes.

On PostgreSQL by one binary COPY per table, on SQLite by one executemany per table; all in one transaction. What intake
commits is counted; what the relay makes of it (positions, the embedded stream) is not, which makes the floor stricter.
"""

from __future__ import annotations

import time
from tempfile import TemporaryFile
from typing import Any, Final

from sqlalchemy import Connection, Table

from gateway.store import migrations, schema
from gateway.store.engine import Database

TABLES: Final = (
    schema.data_keys,
    schema.workers,
    schema.worker_identifiers,
    schema.entries,
    schema.observations,
    schema.events,
    schema.audit_rows,
    schema.audit_chain,  # where audit rows go within a second
)
_PIECE: Final = 1 << 20


def copy_again(source_url: str, target_url: str) -> float:
    """Seconds that writing took, commit included; reading is not counted."""
    migrations.upgrade(target_url)
    source, target = Database(source_url), Database(target_url)
    again = _executed_many if source.is_sqlite else _copied
    try:
        with source.read() as reading:
            with target.write() as writing:
                spent_s = sum(again(table, reading, writing) for table in TABLES)
                begun = time.perf_counter()
            return spent_s + time.perf_counter() - begun
    finally:
        source.close()
        target.close()


def _copied(table: Table, reading: Connection, writing: Connection) -> float:
    with TemporaryFile() as kept:
        with _cursor(reading).copy(f"COPY {table.name} TO STDOUT (FORMAT BINARY)") as pieces:
            for piece in pieces:
                kept.write(piece)
        kept.seek(0)
        begun = time.perf_counter()
        with _cursor(writing).copy(f"COPY {table.name} FROM STDIN (FORMAT BINARY)") as into:
            while piece := kept.read(_PIECE):
                into.write(piece)
        return time.perf_counter() - begun


def _cursor(connection: Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


def _executed_many(table: Table, reading: Connection, writing: Connection) -> float:
    rows = reading.exec_driver_sql(f"SELECT * FROM {table.name}").fetchall()  # noqa: S608 - names come from the schema
    given = [tuple(row) for row in rows]
    marks = ", ".join("?" for _ in table.columns)
    begun = time.perf_counter()
    writing.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({marks})", given)  # noqa: S608 - names come from the schema
    return time.perf_counter() - begun
