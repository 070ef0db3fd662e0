"""A page of a feed, sorted: heard before, unreadable, our own echo, a quarrel, or news for intake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from sqlalchemy import Connection

from contracts.adapter_port import Change, ChangePage, PersonKey
from contracts.worker import SystemName
from gateway.capture.echoes import Heard, Judgement, judge
from gateway.clock import Clock, instant
from gateway.security.sealing import DataKey
from gateway.store import capture_cursors, target_rows, target_writes
from gateway.store.capture_cursors import HeardOutcome
from gateway.store.engine import Database
from gateway.store.target_states import Applied, TargetRow, disagreed, echoed_late

_log = structlog.get_logger("capture")


class Records(Protocol):
    """Where people are found."""

    def find_many(self, people: Sequence[PersonKey]) -> Sequence[str | None]:
        """The worker id of each person, in order. Blocks."""

    def keys(self, worker_ids: Sequence[str]) -> Mapping[str, DataKey]:
        """The keys of the records that exist, by worker id. Blocks."""


@dataclass(frozen=True, slots=True)
class Known:
    """A change of a person whom we know."""

    change: Change
    worker_id: str
    key: DataKey
    hash: bytes


class Sorting:
    """Blocks on the store: call from a worker thread."""

    def __init__(self, source: SystemName, records: Records, database: Database, clock: Clock) -> None:
        self._source = source
        self._records = records
        self._database = database
        self._clock = clock

    def news(self, page: ChangePage) -> list[Change]:
        """What intake has not heard yet, in the feed's order; everything else is stored as heard before it returns."""
        new = self._not_heard(page)
        # A change that says neither what is held nor anything of the person is no news to anybody.
        fresh = {one.change_id: one for one in page.changes if one.change_id in new and (one.held or one.groups)}
        unreadable = {change_id: cause for change_id, cause in page.unreadable if change_id in new}
        # Without `held` there is nothing to take for an echo or for a quarrel.
        told = self._store(unreadable, self._known([change for change in fresh.values() if change.held]))
        return [change for change_id, change in fresh.items() if change_id not in told]

    def _not_heard(self, page: ChangePage) -> set[str]:
        told = {change.change_id for change in page.changes} | {change_id for change_id, _ in page.unreadable}
        if not told:
            return told
        with self._database.read() as connection:
            return told - capture_cursors.heard(connection, self._source, sorted(told))

    def _known(self, changes: Sequence[Change]) -> dict[str, list[Known]]:
        if not changes:
            return {}
        owners = self._records.find_many([change.person for change in changes])
        keys = self._records.keys(sorted({owner for owner in owners if owner is not None}))
        found: dict[str, list[Known]] = {}
        for change, owner in zip(changes, owners, strict=True):
            if owner is not None and (key := keys.get(owner)) is not None:
                found.setdefault(owner, []).append(Known(change, owner, key, key.state_hash(change.held)))
        return found

    def _store(self, unreadable: Mapping[str, str], known: Mapping[str, Sequence[Known]]) -> set[str]:
        if not known and not unreadable:
            return set()
        at = instant(self._clock())
        with self._database.write() as connection:
            told = self._judge(connection, known, at) if known else {}
            for change_id, cause in unreadable.items():
                told[change_id] = "unreadable"
                _log.warning("capture.change_unreadable", source=self._source, change_id=change_id, cause=cause)
            capture_cursors.hear(connection, self._source, told, at)
        return set(told)

    def _judge(self, connection: Connection, known: Mapping[str, Sequence[Known]], at: str) -> dict[str, HeardOutcome]:
        # The rows are locked first: a sender that is about to note a write waits, or we wait and see it.
        rows = {row.worker_id: row for row in target_rows.lock(connection, self._source, list(known))}
        writes = target_writes.outstanding(connection, self._source, list(known))
        pairs = capture_cursors.disagreements_of(connection, self._source, list(known))
        judged = {
            worker: judge(
                [Heard(one.change.change_id, one.hash) for one in reports],
                writes.get(worker, ()),
                rows.get(worker),
                pairs.get(worker, ()),
            )
            for worker, reports in known.items()
        }
        target_writes.consume(
            connection,
            [write_id for one in judged.values() for write_id in one.echoed],
            [write_id for one in judged.values() for write_id in one.passed_over],
        )
        news = {worker: one.pairs for worker, one in judged.items() if list(one.pairs) != pairs.get(worker, [])}
        capture_cursors.save_disagreements(connection, self._source, news)
        moved = [self._moved(rows.get(worker), one, known[worker], at) for worker, one in judged.items()]
        target_rows.write(connection, [row for row in moved if row is not None])
        return {
            change_id: outcome
            for worker, one in judged.items()
            for change_id, outcome in _outcomes(one, known[worker]).items()
        }

    def _moved(self, row: TargetRow | None, judged: Judgement, reports: Sequence[Known], at: str) -> TargetRow | None:
        if row is None:
            return None
        if judged.quarrel is None:
            return echoed_late(row, at) if judged.late else None
        told = next(one for one in reports if one.change.change_id == judged.quarrel.change_id)
        _log.error("capture.disagreement", target=self._source, worker_id=row.worker_id)
        box = told.key.seal(
            told.change.held, table="target_states", row=f"{row.worker_id}/{self._source}", fields="applied_view"
        )
        return disagreed(row, Applied(row.applied_version, told.hash, told.key.key_id, box), at)


def _outcomes(judged: Judgement, reports: Sequence[Known]) -> dict[str, HeardOutcome]:
    news = set(judged.news)
    return {
        one.change.change_id: "echo" if one.change.change_id in judged.echoes else "disagreement"
        for one in reports
        if one.change.change_id not in news
    }
