"""Persons' keys in pages, for wrapping them anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, update

from gateway.store.schema import data_keys

KEYS_PER_PAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Page:
    """How many keys were looked at, how many of them were wrapped anew, and the last one's id."""

    looked_at: int
    changed: int
    last: str | None


def count(connection: Connection) -> int:
    """How many persons' keys there are."""
    return connection.execute(select(func.count()).select_from(data_keys)).scalar_one()


def rewrap(connection: Connection, after: str | None, wrap: Callable[[str, bytes], bytes | None]) -> Page:
    """One page in order of ids: each key for which `wrap` has something new is stored so.

    A key that somebody else changes or deletes meanwhile is left alone: the row must still hold what was read.
    """
    query = select(data_keys.c.key_id, data_keys.c.wrapped).order_by(data_keys.c.key_id).limit(KEYS_PER_PAGE)
    if after is not None:
        query = query.where(data_keys.c.key_id > after)
    rows = connection.execute(query).all()
    changed = [
        {"which": row.key_id, "was": row.wrapped, "new": new}
        for row in rows
        if (new := wrap(row.key_id, bytes(row.wrapped))) is not None
    ]
    if changed:
        statement = update(data_keys).where(
            data_keys.c.key_id == bindparam("which"), data_keys.c.wrapped == bindparam("was")
        )
        connection.execute(statement.values(wrapped=bindparam("new")), changed)
    return Page(len(rows), len(changed), rows[-1].key_id if rows else None)
