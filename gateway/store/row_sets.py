"""Many rows in one statement: arrays and `unnest` on PostgreSQL, `executemany` on SQLite, one text for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, TextClause, any_, bindparam, cast, text
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store import unnest

Row = Mapping[str, Any]
Names = tuple[str, ...]


def among(connection: Connection, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """`column` is one of `values`; one parameter on PostgreSQL, so that the statement's text stays the same."""
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    array = ARRAY(column.type)
    return column == any_(cast(bindparam(None, list(values), type_=array), array))


def insert(connection: Connection, table: Table, rows: Sequence[Row], *, ignore_known: bool = False) -> int:
    """Insert rows that all have the same columns, in their order; answers how many were new."""
    if not rows:
        return 0
    names = tuple(rows[0])
    return _run(connection, _insert_text(table, names, connection.dialect.name == "sqlite", ignore_known), names, rows)


def update(
    connection: Connection, table: Table, keys: Names, rows: Sequence[Row], expressions: Mapping[str, str] | None = None
) -> int:
    """Set every other column of `rows` on the rows with the same `keys`, each named once; answers how many there were.

    `expressions`: SQL in place of `new.column`, over `new` and `held`; it comes from our own modules alone.
    """
    if not rows:
        return 0
    names = tuple(rows[0])
    special = tuple(sorted((expressions or {}).items()))
    return _run(connection, _update_text(table, names, keys, special, connection.dialect.name == "sqlite"), names, rows)


def delete(connection: Connection, table: Table, keys: Names, rows: Sequence[Row], condition: str = "") -> int:
    """Delete the rows with these `keys` for which `condition` (over `new` and `held`) holds."""
    if not rows:
        return 0
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        condition = condition.replace("new.", ":new_")
    return _run(
        connection, _delete_text(table, names, keys, condition, connection.dialect.name == "sqlite"), names, rows
    )


def _run(connection: Connection, statement: TextClause, names: Names, rows: Sequence[Row]) -> int:
    if connection.dialect.name == "sqlite":
        return connection.execute(statement, [{f"new_{name}": row[name] for name in names} for row in rows]).rowcount
    return connection.execute(statement, {f"new_{name}": [row[name] for row in rows] for name in names}).rowcount


@lru_cache(maxsize=64)
def _insert_text(table: Table, names: Names, is_sqlite: bool, ignore_known: bool) -> TextClause:
    columns = ", ".join(names)
    ending = " ON CONFLICT DO NOTHING" if ignore_known else ""
    if is_sqlite:
        values = ", ".join(f":new_{name}" for name in names)
        return _typed(table, names, f"INSERT INTO {table.name} ({columns}) VALUES ({values}){ending}")  # noqa: S608 - names come from the schema
    return text(unnest.insert_from(table, names, "new") + ending)


@lru_cache(maxsize=64)
def _update_text(
    table: Table, names: Names, keys: Names, expressions: tuple[tuple[str, str], ...], is_sqlite: bool
) -> TextClause:
    special = dict(expressions)
    sets = ", ".join(f"{name} = {special.get(name, f'new.{name}')}" for name in names if name not in keys)
    match = " AND ".join(f"held.{key} = new.{key}" for key in keys)
    if is_sqlite:
        given = ", ".join(f":new_{name} AS {name}" for name in names)
        sql = f"UPDATE {table.name} AS held SET {sets} FROM (SELECT {given}) AS new WHERE {match}"  # noqa: S608 - names come from the schema
        return _typed(table, names, sql)
    return text(f"UPDATE {table.name} AS held SET {sets} FROM {unnest.source(table, names, 'new')} WHERE {match}")  # noqa: S608 - names come from the schema


@lru_cache(maxsize=64)
def _delete_text(table: Table, names: Names, keys: Names, condition: str, is_sqlite: bool) -> TextClause:
    more = f" AND {condition}" if condition else ""
    if is_sqlite:
        match = " AND ".join(f"held.{key} = :new_{key}" for key in keys)
        return _typed(table, names, f"DELETE FROM {table.name} AS held WHERE {match}{more}")  # noqa: S608 - names come from the schema
    match = " AND ".join(f"held.{key} = new.{key}" for key in keys)
    return text(f"DELETE FROM {table.name} AS held USING {unnest.source(table, names, 'new')} WHERE {match}{more}")  # noqa: S608 - names come from the schema


def _typed(table: Table, names: Names, sql: str) -> TextClause:
    # SQLite keeps UUIDs as 32 characters; the column's type knows how, a bare text does not.
    return text(sql).bindparams(*(bindparam(f"new_{name}", type_=table.c[name].type) for name in names))
