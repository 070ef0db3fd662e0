"""Where things stand: per person for a receipt's reader, per target for people on duty."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateway.clock import Clock, instant
from gateway.propagation.blocked import Blocked, Circumstances, blocked
from gateway.store import sender_reports, target_pauses, target_rows, target_waiting
from gateway.store.engine import Database
from gateway.store.sender_reports import SenderReport
from gateway.store.target_pauses import Pause
from gateway.store.target_rows import TargetStatus, Waiting
from gateway.store.target_waiting import WaitingPerson


class PropagationStatus:
    """Blocks on the store: call from a worker thread. `enabled`: the targets that are sent to at all."""

    def __init__(self, database: Database, clock: Clock, enabled: Collection[str]) -> None:
        self._database = database
        self._clock = clock
        self.enabled = enabled

    def for_worker(self, worker_id: str) -> list[TargetStatus]:
        """One status per target that was ever asked to know this person."""
        return self.for_workers([worker_id]).get(worker_id, [])

    def for_workers(self, worker_ids: Sequence[str]) -> dict[str, list[TargetStatus]]:
        """The same for many, in one question."""
        with self._database.read() as connection:
            return target_rows.of_workers(connection, worker_ids)

    def waiting(self) -> list[Waiting]:
        """People per target, state and cause, since when, and when they are tried next; settled ones too."""
        with self._database.read() as connection:
            return target_rows.counts(connection)

    def senders(self) -> list[SenderReport]:
        """How every process that sends stands with each target."""
        with self._database.read() as connection:
            return sender_reports.fresh(connection)

    def blocked(self) -> list[Blocked]:
        """Who waits behind what, the largest crowd first."""
        at = instant(self._clock())
        with self._database.read() as connection:
            pauses = {pause.target: pause for pause in target_pauses.read(connection) if pause.in_force(at)}
            now = Circumstances(pauses, sender_reports.fresh(connection), self.enabled)
            waiting = target_rows.counts(connection)
        return blocked(waiting, now)

    def people(
        self, target: str, state: str | None, cause: str | None, after: str | None, limit: int
    ) -> list[WaitingPerson]:
        """A page of the people who wait for one target, those waiting longest first."""
        with self._database.read() as connection:
            return target_waiting.page(connection, target, state=state, cause=cause, after=after, limit=limit)

    def pauses(self) -> dict[str, Pause]:
        """By target: those in force, and those announced."""
        at = instant(self._clock())
        with self._database.read() as connection:
            return {pause.target: pause for pause in target_pauses.read(connection) if not pause.over(at)}
