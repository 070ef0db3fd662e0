"""What the watcher has found and not seen mended, and what it says of itself; for every process to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, func, insert, select, tuple_

from gateway.store.schema import watch_gaps, watch_state

_HERE: Final = watch_gaps.c
KEPT_PER_ALARM_MAX: Final = 1_000
"""A fault of the whole house would otherwise write a row per person; so many are enough to see which it is."""


@dataclass(frozen=True, slots=True)
class GapRow:
    """One gap as stored."""

    alarm: str
    subject: str
    worker_id: str | None
    version: int | None
    target: str | None
    found_at: str
    detail: str


def add(connection: Connection, rows: Sequence[GapRow]) -> list[GapRow]:
    """Store those that are not known; answers them."""
    if not rows:
        return []
    known = {tuple(row) for row in connection.execute(select(_HERE.alarm, _HERE.subject))}
    room = {alarm: KEPT_PER_ALARM_MAX - count for alarm, count in counts(connection).items()}
    new: dict[tuple[str, str], GapRow] = {}
    for row in rows:
        key = (row.alarm, row.subject)
        if key not in known and key not in new and room.get(row.alarm, KEPT_PER_ALARM_MAX) > 0:
            new[key] = row
            room[row.alarm] = room.get(row.alarm, KEPT_PER_ALARM_MAX) - 1
    if new:
        connection.execute(insert(watch_gaps), [asdict(row) for row in new.values()])
    return list(new.values())


def remove(connection: Connection, keys: Iterable[tuple[str, str]]) -> None:
    """These are mended. Keys are (alarm, subject)."""
    for key in keys:
        connection.execute(delete(watch_gaps).where(tuple_(_HERE.alarm, _HERE.subject) == key))


def keys(connection: Connection, alarms: Sequence[str]) -> set[tuple[str, str]]:
    """The open gaps under these names."""
    query = select(_HERE.alarm, _HERE.subject).where(_HERE.alarm.in_(alarms))
    return {(alarm, subject) for alarm, subject in connection.execute(query)}


def page(connection: Connection, limit: int) -> list[GapRow]:
    """The oldest open gaps."""
    query = select(*(_HERE[name] for name in GapRow.__dataclass_fields__))
    return [GapRow(*row) for row in connection.execute(query.order_by(_HERE.found_at, _HERE.subject).limit(limit))]


def counts(connection: Connection) -> dict[str, int]:
    """Open gaps by alarm."""
    query = select(_HERE.alarm, func.count()).group_by(_HERE.alarm)
    return {row[0]: row[1] for row in connection.execute(query)}


def save(connection: Connection, name: str, value: Any, at: str) -> None:
    """Keep a JSON value under a name."""
    connection.execute(delete(watch_state).where(watch_state.c.name == name))
    connection.execute(insert(watch_state), {"name": name, "value": orjson.dumps(value).decode(), "saved_at": at})


def saved(connection: Connection, name: str) -> tuple[Any, str] | None:
    """The value under a name, and when it was saved."""
    query = select(watch_state.c.value, watch_state.c.saved_at).where(watch_state.c.name == name)
    row = connection.execute(query).one_or_none()
    return None if row is None else (orjson.loads(row.value), row.saved_at)
