"""Erasing a person: one asks, another confirms, and nobody brings the person back.

The line in the ledger comes before the commit: what was confirmed is then finished by the next start, whatever happens
in between; and a restore of the database, which brings the person back, is followed by the same start.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Self

from sqlalchemy import Connection

from contracts.trace import traceparent_of
from contracts.worker import Groups
from gateway.clock import Clock, instant
from gateway.errors import Busy, NotFound, NotPermitted
from gateway.golden.match import identity_of
from gateway.intake.event import EventFacts, event_bytes
from gateway.intake.ids import EntryIds
from gateway.intake.prepare import Preparation, Prepared, erasure_marks
from gateway.intake.quarantine import Quarantine
from gateway.intake.submission import Decision, Submission
from gateway.permissions import Caller, Purpose, require
from gateway.security.keyring import KeysUnusable
from gateway.security.ledger import Erased, Ledger
from gateway.security.sealing import CannotOpen, Vault
from gateway.store import approvals, audit, erasures
from gateway.store.approvals import Approval
from gateway.store.engine import Database
from gateway.store.entries import EntryReader
from gateway.store.intake_rows import EventRow
from gateway.store.records import RecordReader

ACTION: Final = "people:erase"
CONFIRM_WITHIN: Final = dt.timedelta(hours=72)
_PERSON: Final = "worker"
_GATEWAY: Final = "gateway"
_ENTRIES_PER_PAGE: Final = 200


class Erasing:
    """The room's third door. Its methods block: call them from a worker thread."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        ledger: Ledger,
        records: RecordReader,
        entries: EntryReader,
        quarantine: Quarantine,
        preparation: Preparation,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._ledger = ledger
        self._records = records
        self._entries = entries
        self.quarantine = quarantine
        self._preparation = preparation
        self._clock = clock
        self._ids = EntryIds()

    def request(self, worker_id: str, purpose: Purpose, by: Caller) -> Approval:
        """Ask for a person to be erased; nothing happens yet. Raises NotPermitted, NotFound."""
        require(by, "workers.erase")
        communes = self._records.communes([worker_id])
        if worker_id not in communes or not by.sees(communes[worker_id]):
            raise NotFound("worker-not-found")
        now = self._clock()
        at, expires_at = instant(now), instant(now + CONFIRM_WITHIN)
        with self._database.write() as connection:
            asked = approvals.request(connection, ACTION, worker_id, purpose.reference, by.name, at, expires_at)
            told = {"approval": asked.id, "reference": purpose.reference, "purpose": purpose.code}
            audit.add(connection, at, by.name, "worker:erasure_requested", worker_id, told)
        return asked

    def requests(self, by: Caller) -> list[Approval]:
        """What was asked for, newest first. Raises NotPermitted."""
        require(by, "workers.erase")
        with self._database.read() as connection:
            return approvals.newest(connection, (ACTION,), instant(self._clock()))

    def confirm(self, number: int, by: Caller) -> Approval:
        """Erase the person whom another asked to erase.

        Raises NotPermitted (also `second-person-needed`), NotFound, Conflict (decided, expired), Busy (no ledger).
        """
        require(by, "workers.erase_confirm")
        at = instant(self._clock())
        with self._database.write() as connection:
            asked = approvals.lock_open(connection, (ACTION,), number, at)
            if asked.requested_by == by.name:
                raise NotPermitted("second-person-needed", (asked.requested_by,))
            approvals.decide(connection, number, "confirmed", by.name, at)
            marks = self._marks_of(connection, asked.subject)
            try:
                self._ledger.append(Erased(at, marks))
            except KeysUnusable as error:
                raise Busy("unavailable") from error
            self._erase(connection, asked.subject, by.name, at)
            told = {"approval": number, "requested_by": asked.requested_by, "reference": asked.reference}
            audit.add(connection, at, by.name, "worker:erased", asked.subject, told)
            erasures.add_marks(connection, marks, at)
        self._end_quarantined(marks, by.name)
        return asked

    def refuse(self, number: int, by: Caller) -> Approval:
        """End a request. Raises NotPermitted, NotFound, Conflict."""
        require(by, "workers.erase_confirm")
        at = instant(self._clock())
        with self._database.write() as connection:
            asked = approvals.lock_open(connection, (ACTION,), number, at)
            approvals.decide(connection, number, "refused", by.name, at)
            told = {"approval": number, "requested_by": asked.requested_by, "reference": asked.reference}
            audit.add(connection, at, by.name, "worker:erasure_refused", asked.subject, told)
        return asked

    def catch_up(self) -> int:
        """Erase anew whom the ledger knows and the database does not, as after a restore; how many records were there.

        Raises KeysUnusable, SQLAlchemyError.
        """
        with self._database.read() as connection:
            missing = {
                mark: one.at
                for one in self._ledger.read()
                for mark in one.marks - erasures.known_marks(connection, one.marks)
            }
            if not missing:
                return 0
            back = [each for each in erasures.worker_ids(connection) if self._mark(each) in missing]
        at = instant(self._clock())
        for worker_id in back:
            with self._database.write() as connection:
                if self._erase(connection, worker_id, _GATEWAY, at):
                    told = {"approval": None, "requested_by": None, "reference": "ledger"}
                    audit.add(connection, at, _GATEWAY, "worker:erased", worker_id, told)
        self._end_quarantined(frozenset(missing), _GATEWAY)
        # Last: until then the next start does all this again.
        with self._database.write() as connection:
            for mark, erased_at in missing.items():
                erasures.add_marks(connection, [mark], erased_at)
        return len(back)

    def caught_up(self) -> Self:
        """This room, before anything else happens in the house: a restore brings back people who were erased."""
        self.catch_up()
        return self

    def _mark(self, worker_id: str) -> bytes:
        return self._vault.erasure_mark(_PERSON, worker_id)

    def _marks_of(self, connection: Connection, worker_id: str) -> frozenset[bytes]:
        """The record's own mark, and those of every number by which the person was ever found and nobody else is."""
        if erasures.lock_worker(connection, worker_id) is None:
            raise NotFound("worker-not-found")
        own = erasures.own_indexes(connection, worker_id)
        marks = {self._mark(worker_id)}
        for groups in self._said(connection, worker_id):
            values = identity_of(groups).values().items()
            kept = {kind: value for kind, value in values if not own.isdisjoint(self._vault.every_index(kind, value))}
            marks |= erasure_marks(self._vault, kept)
        return frozenset(marks)

    def _said(self, connection: Connection, worker_id: str) -> list[Groups]:
        """Every statement about the person, and the record."""
        record = self._records.read_in(connection, [worker_id]).get(worker_id)
        said = erasures.said_of(connection, self._vault, [worker_id]).get(worker_id, [])
        return [*said, record.record.groups] if record is not None else said

    def _erase(self, connection: Connection, worker_id: str, by: str, at: str) -> bool:
        """False when there is no such record any more."""
        version = erasures.lock_worker(connection, worker_id)
        if version is None:
            return False
        event_id = self._ids.new()
        facts = EventFacts(
            event_id=event_id,
            type="erased",
            worker_id=worker_id,
            version=version + 1,
            recorded_at=at,
            groups={},
            provenance={},
            changed=(),
            quality={},
            commune=None,
            correlation_id=event_id,
            causation_id=None,
            traceparent=traceparent_of(event_id, event_id),
            origin=None,
        )
        # Sealed, as every event is, but under a key that nobody ever keeps.
        body = event_bytes(facts, self._vault.new_key()[0])
        erasures.add_event(connection, EventRow(event_id, worker_id, version + 1, "erased", at, body))
        erasures.delete_person(connection, worker_id)
        return True

    def _end_quarantined(self, marks: frozenset[bytes], by: str) -> None:
        """Entries in doubt stand with nobody: whom they are about is seen by opening them."""
        after: str | None = None
        while page := self._entries.quarantined(after, _ENTRIES_PER_PAGE):
            for stored in page:
                if not marks.isdisjoint(self._marks_in(stored)):
                    at = instant(self._clock())
                    with self._database.write() as connection:
                        if erasures.end_entry(connection, stored.entry_id, stored.key_id, by, at):
                            audit.add(connection, at, by, "entry:rejected", stored.entry_id, {})
            after = page[-1].entry_id

    def _marks_in(self, stored: Any) -> frozenset[bytes]:
        try:
            content = self.quarantine.content(stored)
        except CannotOpen:
            return frozenset()
        decision = Decision(stored.entry_id, stored.key_id, _GATEWAY, "")
        prepared = self._preparation.prepare(Submission(content, stored.sender, decision=decision), self._clock())
        return prepared.marks if isinstance(prepared, Prepared) else frozenset()
