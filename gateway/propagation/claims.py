"""Taking work: due rows are projected as their records stand, leased, and what will be sent is noted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from contracts.adapter_port import Delivery, SystemAdapter, View
from gateway.clock import Clock, instant
from gateway.propagation.projection import Projected, Records, gone, project
from gateway.propagation.settings import TargetSettings
from gateway.store import target_rows, target_writes
from gateway.store.engine import Database
from gateway.store.target_rows import Work
from gateway.store.target_states import TargetRow, Wanted, claimed, claimed_for_reading

_NO_CORRELATION = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Claim:
    """One person's view, leased for one call under `epoch`."""

    projected: Projected
    view: View
    epoch: int
    correlation_id: str

    @property
    def worker_id(self) -> str:
        """Whose it is."""
        return self.projected.wanted.worker_id

    @property
    def version(self) -> int:
        """The record's version that the view shows."""
        return self.projected.wanted.version

    @property
    def hash(self) -> bytes:
        """The view's keyed hash."""
        assert self.projected.wanted.hash is not None
        return self.projected.wanted.hash

    def delivery(self) -> Delivery:
        """As the adapter takes it."""
        return Delivery(self.worker_id, self.version, self.view, self.correlation_id)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was leased in one go; `moved` counts all rows that changed, also those that need no call."""

    to_send: list[Claim]
    to_read: list[Claim]
    moved: int


class Claims:
    """Blocks on the store: call from a worker thread."""

    def __init__(
        self, adapter: SystemAdapter, records: Records, database: Database, clock: Clock, settings: TargetSettings
    ) -> None:
        self._adapter = adapter
        self._records = records
        self._database = database
        self._clock = clock
        self._settings = settings

    def take(self, limit: int) -> Taken:
        """Lease up to `limit` rows. What is settled by looking, or cannot be sent any more, is stored as such."""
        target = self._adapter.name
        with self._database.read() as connection:
            work = target_rows.waiting_work(connection, target, instant(self._clock()), limit)
        if not work:
            return Taken([], [], 0)
        stuck = [row.worker_id for row in work if row.state == "sending"]
        waiting = {row.worker_id: row for row in work if row.state != "sending"}
        # Before the lock is taken: projecting is the slow part; `claimed` sees a record that moves on meanwhile.
        projected = self._project(waiting)
        now = self._clock()
        at, until = instant(now), instant(now + dt.timedelta(seconds=self._settings.lease_s))
        with self._database.write() as connection:
            expired = target_rows.expire_leases(connection, target, stuck, at)
            due = self._lease(connection, _in_state(work, "due"), _step(claimed, projected, at, until))
            unknown = self._lease(
                connection, _in_state(work, "unknown"), _step(claimed_for_reading, projected, at, until)
            )
            sends, reads = _claims(due, projected), _claims(unknown, projected)
            target_writes.record(connection, target, [(claim.worker_id, claim.hash) for claim in sends], at)
        return Taken(sends, reads, expired + len(due) + len(unknown))

    def _project(self, waiting: Mapping[str, Work]) -> dict[str, Projected]:
        opened = self._records.read(list(waiting))
        needs = self._settings.needs_verified_identity
        return {
            worker_id: project(
                self._adapter,
                opened[worker_id],
                needs_verified_identity=needs,
                correlation_id=waiting[worker_id].correlation_id,
            )
            if worker_id in opened
            else gone(worker_id)
            for worker_id in waiting
        }

    def _lease(self, connection: Connection, worker_ids: Sequence[str], step: target_rows.Step) -> list[TargetRow]:
        return target_rows.change(connection, self._adapter.name, worker_ids, step, skip_locked=True)


def _claims(rows: Sequence[TargetRow], projected: Mapping[str, Projected]) -> list[Claim]:
    return [_claim(row, projected[row.worker_id]) for row in rows if row.lease_until is not None]


def _claim(row: TargetRow, projected: Projected) -> Claim:
    assert projected.view is not None
    return Claim(projected, projected.view, row.lease_epoch, row.correlation_id or _NO_CORRELATION)


def _in_state(work: Iterable[Work], state: str) -> list[str]:
    return [row.worker_id for row in work if row.state == state]


def _step(
    taken: Callable[[TargetRow, Wanted, str, str], TargetRow | None],
    projected: Mapping[str, Projected],
    at: str,
    until: str,
) -> target_rows.Step:
    def step(row: TargetRow) -> TargetRow | None:
        wanted = projected[row.worker_id].wanted
        if wanted.state == "not_concerned":
            wanted = Wanted(row.worker_id, row.wanted_version, None, "not_concerned")
        return taken(row, wanted, at, until)

    return step
