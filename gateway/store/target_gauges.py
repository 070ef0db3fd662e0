"""Numbers over all of `target_states`, for those who watch."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, select, text

from gateway.store.schema import WORK_WHERE, target_states

_HERE: Final = target_states.c


def people(connection: Connection) -> dict[tuple[str, ...], float]:
    """How many people stand in each state: (target, state) -> people. Reads the whole table."""
    query = select(_HERE.target, _HERE.state, func.count()).group_by(_HERE.target, _HERE.state)
    return {(target, state): count for target, state, count in connection.execute(query)}


def oldest_work(connection: Connection) -> dict[str, str]:
    """Of those who are to be sent, being sent or unknown: since when the longest wait, by target."""
    query = select(_HERE.target, func.min(_HERE.wanted_at)).where(text(WORK_WHERE)).group_by(_HERE.target)
    return {row[0]: row[1] for row in connection.execute(query)}


def oldest_unexplained(connection: Connection) -> dict[str, str]:
    """The same of those whose wait has no cause of their own."""
    waiting = (text(WORK_WHERE), _HERE.cause.is_(None))
    query = select(_HERE.target, func.min(_HERE.wanted_at)).where(*waiting).group_by(_HERE.target)
    return {row[0]: row[1] for row in connection.execute(query)}
