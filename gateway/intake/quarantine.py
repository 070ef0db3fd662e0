"""Entries in doubt, before the record: a person looks, and releases or rejects with a reason."""

from __future__ import annotations

from contracts.entry import Entry, Receipt, Statement
from gateway.clock import Clock, instant
from gateway.errors import Conflict, ContractViolated, NotFound
from gateway.intake.receive import Intake
from gateway.intake.statements import statement_of
from gateway.intake.submission import Decision, Submission
from gateway.permissions import Caller, require
from gateway.store.entries import EntryReader, StoredEntry

REASON_LENGTH_MAX = 500


class Quarantine:
    """The room's second door. Its methods block: call them from a worker thread."""

    def __init__(self, entries: EntryReader, intake: Intake, clock: Clock) -> None:
        self._entries = entries
        self._intake = intake
        self._clock = clock

    def waiting(self, after: str | None, limit: int, by: Caller) -> list[StoredEntry]:
        """A page of the unit's entries that wait, oldest first. Raises NotPermitted."""
        require(by, "quarantine.read")
        return self._entries.quarantined(after, limit, by.commune)

    def release(self, entry_id: str, by: Caller, reason: str) -> Receipt:
        """Believe the entry after all and merge it. Whom it is about must be clear: no release merges two people.

        Raises NotPermitted, NotFound, Conflict (decided already, or still ambiguous), ContractViolated (no reason).
        """
        stored = self._waiting_entry(entry_id, by, reason)
        decision = Decision(entry_id, stored.key_id, by.name, reason)
        submission = Submission(self.content(stored), stored.sender, decision=decision)
        (receipt,) = self._intake.receive_slice([submission])
        if receipt.problem is not None:
            raise Conflict(receipt.problem, tuple(finding.rule for finding in receipt.findings))
        return receipt

    def reject(self, entry_id: str, by: Caller, reason: str) -> None:
        """End the entry; the person collects again and a new entry replaces it. Raises as `release`."""
        self._waiting_entry(entry_id, by, reason)
        if not self._entries.reject(entry_id, instant(self._clock()), by.name, reason):
            raise Conflict("quarantine-already-decided")

    def _waiting_entry(self, entry_id: str, by: Caller, reason: str) -> StoredEntry:
        require(by, "quarantine.decide")
        if not reason.strip() or len(reason) > REASON_LENGTH_MAX:
            raise ContractViolated("reason-missing", ("reason",))
        stored = self._entries.get(entry_id)
        if stored is None or not by.sees(stored.commune):
            raise NotFound("quarantine-not-found")
        if stored.state != "quarantined":
            raise Conflict("quarantine-already-decided")
        return stored

    def content(self, stored: StoredEntry) -> Entry | Statement:
        """What a stored entry said. Raises CannotOpen."""
        fields = self._entries.fields(stored.entry_id)
        if stored.form is None:
            return statement_of(stored, fields)
        return Entry.model_validate({**stored.envelope, "fields": fields})
