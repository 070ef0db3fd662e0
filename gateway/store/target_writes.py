"""What we sent to whom: by it, a change that a target reports is known as the echo of our own call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from gateway.store import row_sets
from gateway.store.schema import target_writes


@dataclass(frozen=True, slots=True)
class Write:
    """One view that was sent; `id` grows with each."""

    id: int
    hash: bytes


def record(connection: Connection, target: str, sent: Sequence[tuple[str, bytes]], at: str) -> None:
    """Note (worker id, hash) before the calls are made, in the transaction that leases the rows."""
    rows = [{"worker_id": worker, "target": target, "hash": hashed, "written_at": at} for worker, hashed in sent]
    row_sets.insert(connection, target_writes, rows)


def outstanding(connection: Connection, target: str, worker_ids: Sequence[str]) -> dict[str, list[Write]]:
    """The writes of these people that no report has echoed yet, oldest first."""
    here = target_writes.c
    query = (
        select(here.worker_id, here.id, here.hash)
        .where(row_sets.among(connection, here.worker_id, worker_ids), here.target == target)
        .order_by(here.id)
    )
    found: dict[str, list[Write]] = {}
    for worker_id, write_id, hashed in connection.execute(query):
        found.setdefault(worker_id, []).append(Write(write_id, bytes(hashed)))
    return found


def consume(connection: Connection, target: str, up_to: Sequence[tuple[str, int]]) -> None:
    """Delete each (worker id, write id) and that person's earlier ones."""
    rows = [{"worker_id": worker, "target": target, "id": write_id} for worker, write_id in up_to]
    row_sets.delete(connection, target_writes, ("worker_id", "target"), rows, "held.id <= new.id")


def purge(connection: Connection, before: str) -> int:
    """Delete writes older than any report of them can be; answers how many."""
    return connection.execute(delete(target_writes).where(target_writes.c.written_at < before)).rowcount
