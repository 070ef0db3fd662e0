"""Set-based inserts on PostgreSQL: one array parameter per column, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.type_api import TypeEngine

from gateway.store.pg_arrays import PgArray, pg_array

_DIALECT: Dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


def type_name(column_type: TypeEngine[Any]) -> str:
    """The PostgreSQL name of a column's type; lengths are dropped, since an array element has none."""
    return column_type.compile(dialect=_DIALECT).split("(")[0]


def names_of(row_type: type[Any]) -> tuple[str, ...]:
    """The columns that a row type fills, in its order."""
    return tuple(field.name for field in fields(row_type))


def source(table: Table, names: Sequence[str], prefix: str) -> str:
    """`unnest(…) WITH ORDINALITY AS prefix(…, ord)` over parameters named `prefix_column`."""
    arrays = ", ".join(f"CAST(:{prefix}_{name} AS {type_name(table.c[name].type)}[])" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f"unnest({arrays}) WITH ORDINALITY AS {prefix}({columns}, ord)"


def insert_from(table: Table, names: Sequence[str], prefix: str) -> str:
    """`INSERT INTO table SELECT …`, in the order of the arrays, so that serial ids follow it."""
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {source(table, names, prefix)} ORDER BY ord"  # noqa: S608 - names come from the schema


def arrays(table: Table, rows: Sequence[Any], names: Sequence[str], prefix: str) -> dict[str, PgArray]:
    """The parameters for `source`: one array per column."""
    return {f"{prefix}_{name}": pg_array(_type_of(table, name), [getattr(row, name) for row in rows]) for name in names}


@cache
def _type_of(table: Table, name: str) -> str:
    return type_name(table.c[name].type)
