"""How far each change feed was heard, which changes were heard, and who goes on disagreeing with us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

import orjson
from sqlalchemy import Connection, delete, select

from gateway.store import row_sets
from gateway.store.schema import capture_cursors, disagreements, heard_changes

HeardOutcome: TypeAlias = Literal["entry", "echo", "unreadable", "disagreement"]
PAIRS_KEPT: Final = 3

Pair: TypeAlias = tuple[str, str]
"""(what we had last sent, what the target then reported), in hex."""


def cursor_of(connection: Connection, source: str) -> str | None:
    """Where the feed of a source was left; None: never heard."""
    return connection.execute(
        select(capture_cursors.c.cursor).where(capture_cursors.c.source == source)
    ).scalar_one_or_none()


def save_cursor(connection: Connection, source: str, cursor: str, at: str) -> None:
    """Remember where to go on; called only when everything before it is stored."""
    row = {"source": source, "cursor": cursor, "saved_at": at}
    if not row_sets.update(connection, capture_cursors, ("source",), [row]):
        row_sets.insert(connection, capture_cursors, [row])


def heard(connection: Connection, source: str, change_ids: Sequence[str]) -> set[str]:
    """Which of these changes were dealt with before."""
    here = heard_changes.c
    query = select(here.change_id).where(here.source == source, row_sets.among(connection, here.change_id, change_ids))
    return set(connection.execute(query).scalars())


def hear(connection: Connection, source: str, outcomes: Mapping[str, HeardOutcome], at: str) -> None:
    """Remember changes as dealt with."""
    rows = [
        {"source": source, "change_id": change_id, "heard_at": at, "outcome": outcome}
        for change_id, outcome in outcomes.items()
    ]
    row_sets.insert(connection, heard_changes, rows, ignore_known=True)


def purge_heard(connection: Connection, before: str) -> int:
    """Forget changes that no window reaches back to; answers how many."""
    return connection.execute(delete(heard_changes).where(heard_changes.c.heard_at < before)).rowcount


def disagreements_of(connection: Connection, target: str, worker_ids: Sequence[str]) -> dict[str, list[Pair]]:
    """The last pairs of each person, newest last."""
    here = disagreements.c
    query = select(here.worker_id, here.hashes).where(
        here.target == target, row_sets.among(connection, here.worker_id, worker_ids)
    )
    return {
        worker: [(sent, held) for sent, held in orjson.loads(hashes)] for worker, hashes in connection.execute(query)
    }


def save_disagreements(connection: Connection, target: str, pairs: Mapping[str, Sequence[Pair]]) -> None:
    """Keep the last pairs of these people."""
    rows = [
        {"worker_id": worker, "target": target, "hashes": orjson.dumps(list(kept)[-PAIRS_KEPT:]).decode()}
        for worker, kept in sorted(pairs.items())
    ]
    row_sets.insert(connection, disagreements, rows, ignore_known=True)
    row_sets.update(connection, disagreements, ("worker_id", "target"), rows)
