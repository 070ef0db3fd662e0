"""What we sent to whom: by it, a change that a target reports is known as the echo of our own call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from gateway.store import row_sets
from gateway.store.schema import target_writes


@dataclass(frozen=True, slots=True)
class Write:
    """One view that was sent; `id` grows with each.

    `passed_over`: a newer write was echoed before this one. Its call may have had no effect, or may land late.
    """

    id: int
    hash: bytes
    passed_over: bool = False


def record(connection: Connection, target: str, sent: Sequence[tuple[str, bytes]], at: str) -> None:
    """Note (worker id, hash) before the calls are made, in the transaction that leases the rows."""
    rows = [
        {"worker_id": worker, "target": target, "hash": hashed, "written_at": at, "passed_over": False}
        for worker, hashed in sent
    ]
    row_sets.insert(connection, target_writes, rows)


def outstanding(connection: Connection, target: str, worker_ids: Sequence[str]) -> dict[str, list[Write]]:
    """The writes of these people that no report has echoed yet, oldest first."""
    here = target_writes.c
    query = (
        select(here.worker_id, here.id, here.hash, here.passed_over)
        .where(row_sets.among(connection, here.worker_id, worker_ids), here.target == target)
        .order_by(here.id)
    )
    found: dict[str, list[Write]] = {}
    for worker_id, write_id, hashed, passed_over in connection.execute(query):
        found.setdefault(worker_id, []).append(Write(write_id, bytes(hashed), passed_over))
    return found


def consume(connection: Connection, echoed: Sequence[int], passed_over: Sequence[int]) -> None:
    """Delete the writes that were echoed, and mark the earlier ones that were not. The people's rows are locked."""
    row_sets.delete(connection, target_writes, ("id",), [{"id": one} for one in echoed])
    row_sets.update(connection, target_writes, ("id",), [{"id": one, "passed_over": True} for one in passed_over])


def purge(connection: Connection, before: str) -> int:
    """Delete writes older than any report of them can be; answers how many."""
    return connection.execute(delete(target_writes).where(target_writes.c.written_at < before)).rowcount
