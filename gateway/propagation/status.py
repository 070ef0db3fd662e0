"""Where things stand: per person for a receipt's reader, per target for people on duty."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.store import target_rows
from gateway.store.engine import Database
from gateway.store.target_rows import TargetStatus, Waiting


class PropagationStatus:
    """Blocks on the store: call from a worker thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def for_worker(self, worker_id: str) -> list[TargetStatus]:
        """One status per target that was ever asked to know this person."""
        return self.for_workers([worker_id]).get(worker_id, [])

    def for_workers(self, worker_ids: Sequence[str]) -> dict[str, list[TargetStatus]]:
        """The same for many, in one question."""
        with self._database.read() as connection:
            return target_rows.of_workers(connection, worker_ids)

    def waiting(self) -> list[Waiting]:
        """Who waits behind what: people per target, state and cause, since when, and when it is tried next."""
        with self._database.read() as connection:
            return target_rows.counts(connection)
