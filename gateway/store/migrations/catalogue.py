"""What a database says of its own tables, as lines that two databases can be compared by.

Alembic overlooks what has no counterpart in its model: the condition of a partial index, check constraints,
storage parameters, AUTOINCREMENT. The databases' own catalogues overlook nothing.
"""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import Connection, text

VERSION_TABLE: Final = "alembic_version"

_SQLITE: Final = text("SELECT type, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
_POSTGRESQL: Final = (
    text(
        "SELECT 'column', table_name, concat_ws(' ', column_name, data_type, character_maximum_length, is_nullable, "
        "replace(column_default, table_schema || '.', '')) "
        "FROM information_schema.columns WHERE table_schema = current_schema()"
    ),
    text(
        "SELECT 'index', tablename, replace(indexdef, schemaname || '.', '') "
        "FROM pg_indexes WHERE schemaname = current_schema()"
    ),
    text(
        "SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0"
    ),
    text(
        "SELECT 'table', relname, coalesce(reloptions::text, '') "
        "FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    ),
)


def catalogue(connection: Connection) -> set[str]:
    """One line per table, column, index and constraint of the current schema."""
    queries = (_SQLITE,) if connection.dialect.name == "sqlite" else _POSTGRESQL
    lines = [tuple(row) for query in queries for row in connection.execute(query)]
    return {f"{kind} {table}: {_in_one_order(sql)}" for kind, table, sql in lines if table != VERSION_TABLE}


def _in_one_order(sql: str) -> str:
    # SQLite keeps the text of CREATE TABLE, in which the order of columns and constraints says nothing.
    if not sql.startswith("CREATE TABLE"):
        return " ".join(sql.split())
    head, _, rest = sql.partition("(")
    inside, _, tail = rest.rpartition(")")
    parts = sorted(" ".join(part.split()) for part in re.split(r",\s*\n", inside))
    return f"{' '.join(head.split())} ({'; '.join(parts)}) {tail.strip()}".strip()
