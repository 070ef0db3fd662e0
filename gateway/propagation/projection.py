"""What a record, as it stands, asks of one target. Pure: nothing is read, nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from contracts.adapter_port import CannotTranslate, SystemAdapter, View
from contracts.trace import trace_id_of
from contracts.worker import WorkerRecord
from gateway.security.sealing import DataKey
from gateway.store.target_states import Applied, Wanted

_log = structlog.get_logger("propagation")


class Opened(Protocol):
    """A record with identity in clear, and its person's key."""

    @property
    def record(self) -> WorkerRecord:
        """The record as it stands."""

    @property
    def key(self) -> DataKey:
        """The key that seals it."""


class Records(Protocol):
    """Where records are read."""

    def read(self, worker_ids: Sequence[str]) -> Mapping[str, Opened]:
        """The records that exist, by worker id. Blocks."""


@dataclass(frozen=True, slots=True)
class Projected:
    """What is wanted, and the view itself when there is one."""

    wanted: Wanted
    view: View | None = None
    key: DataKey | None = None

    def applied(self, target: str, view: View | None, version: int) -> Applied:
        """`view` as something that the target is known to hold, sealed under this person's key."""
        assert self.key is not None
        if view is None:
            return Applied(version, None, None, None)
        row = f"{self.wanted.worker_id}/{target}"
        box = self.key.seal(view, table="target_states", row=row, fields="applied_view")
        return Applied(version, self.key.state_hash(view), self.key.key_id, box)


def project(
    adapter: SystemAdapter, opened: Opened, *, needs_verified_identity: bool, correlation_id: str | None = None
) -> Projected:
    """A record that waits for its identity asks for nothing yet; one that cannot be said is parked with the cause."""
    record = opened.record
    if needs_verified_identity and not record.identity_verified:
        waiting = Wanted(record.worker_id, record.version, None, "waiting_for_identity", None, correlation_id)
        return Projected(waiting, None, opened.key)
    try:
        view = adapter.view(record)
    except CannotTranslate as error:
        return _parked(record, error.cause, opened.key, correlation_id)
    except Exception as error:  # a fault in one projection must not stop everybody else's
        _log.error(
            "propagation.view_failed",
            target=adapter.name,
            worker_id=record.worker_id,
            trace_id=correlation_id and trace_id_of(correlation_id),
            error=type(error).__name__,
        )
        return _parked(record, "view-fault", opened.key, correlation_id)
    hashed = opened.key.state_hash(view)
    return Projected(Wanted(record.worker_id, record.version, hashed, "due", None, correlation_id), view, opened.key)


def gone(worker_id: str) -> Projected:
    """A person whose record is no more."""
    return Projected(Wanted(worker_id, 0, None, "not_concerned"))


def _parked(record: WorkerRecord, cause: str, key: DataKey, correlation_id: str | None) -> Projected:
    wanted = Wanted(record.worker_id, record.version, None, "parked", cause[:64], correlation_id)
    return Projected(wanted, None, key)
