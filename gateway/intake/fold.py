"""Folding a slice's entries, in order, over the people they are about: in memory, under the lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

import orjson

from contracts.canonical import JsonObject
from contracts.entry import Entry, EntryState, Finding, Receipt
from contracts.events import EventType
from contracts.forms import spec
from contracts.trace import traceparent_of
from contracts.worker import Groups, split_identity
from gateway.audit.catalogue import told
from gateway.golden.match import Match, match, named
from gateway.golden.merge import Merge, Observation, merge
from gateway.intake.event import EventFacts, event_bytes
from gateway.intake.ids import EntryIds
from gateway.intake.person import Person
from gateway.intake.prepare import Prepared
from gateway.intake.receipt_batch import ReceiptBatch
from gateway.quality import Judged, QualitySettings, judge_record
from gateway.security.sealing import DataKey, Vault
from gateway.store.decisions import decision_to_json
from gateway.store.intake_rows import (
    AuditRow,
    DecisionRow,
    EntryRow,
    EventRow,
    KeyOwnerRow,
    KeyRow,
    ObservationRow,
    ReportedRow,
    SliceRows,
)
from gateway.store.intake_slice import IdentifierOwner
from gateway.store.receipts import receipt_to_json
from gateway.store.records import OpenedWorker

_EVENT_IDS: Final = EntryIds()


class Fold:
    """Takes prepared entries one by one and gathers the rows that one commit writes."""

    def __init__(
        self,
        vault: Vault,
        quality: QualitySettings,
        workers: Mapping[str, OpenedWorker],
        identifiers: Sequence[IdentifierOwner],
        newcomers: Mapping[bytes, str],
    ) -> None:
        """`newcomers`: anchor index → worker id claimed by this slice. A claim alone makes nobody: whom an entry is
        about is matched among the people there are, and only an entry that matches none of them takes its claim."""
        self._vault = vault
        self._quality = quality
        self._people = {worker_id: Person.known(opened) for worker_id, opened in workers.items()}
        self._owners: dict[bytes, list[str]] = {}
        self._current: dict[str, dict[tuple[str, bytes], int]] = {}
        self._newcomers = newcomers
        self._claimed = set(newcomers.values())
        self._rows = SliceRows()
        self._batch = ReceiptBatch(vault)
        self.strangers = False
        for row_id, kind, index, owner in identifiers:
            self._current.setdefault(owner, {})[kind, index] = row_id
            if owner not in self._claimed:
                self._owners.setdefault(index, []).append(owner)

    def take(self, entry: Prepared) -> Receipt:
        """Fold one entry in; its rows wait in `rows`."""
        found = self._match(entry)
        if entry.says_nothing and found.worker_id is None and found.doubt is None:
            return self._about_nobody(entry)
        person = self._person(entry, found)
        if entry.quarantined or person is None:
            return self._quarantine(entry, found)
        remarks = (*found.remarks, *_seen_twice(entry, person))
        return self._merge(entry, person, remarks)

    def rows(self) -> SliceRows:
        """Everything to write; call once, after the last entry."""
        rows = self._rows
        for person in self._people.values():
            if not person.entries_merged:
                continue
            now = person.merged_at
            if person.is_new:
                rows.keys.append(person.key_row())
            row = person.row(now)
            (rows.new_workers if person.is_new else rows.workers).append(row)  # type: ignore[arg-type]  # row() gives the kind that is_new asks for
            fresh, closed = person.identifier_changes(self._vault, self._current.get(person.worker_id, {}), now)
            rows.identifiers += fresh
            rows.closed_identifiers += closed
        made = {person.worker_id for person in self._people.values() if person.entries_merged}
        rows.abandoned = sorted(self._claimed - made)
        rows.identifiers.sort(key=lambda row: row.index)
        rows.receipts = self._batch.rows()
        return rows

    def _match(self, entry: Prepared) -> Match:
        owners = {kind: self._owners.get(index, ()) for kind, index in entry.indexes.items()}
        return match(entry.identity, owners, self._groups, entry.observation.source)

    def _groups(self, worker_id: str) -> Groups:
        person = self._people.get(worker_id)
        if person is None:
            self.strangers = True
        return person.groups if person else {}

    def _person(self, entry: Prepared, found: Match) -> Person | None:
        if found.doubt is not None:
            return None
        if found.worker_id is None:
            return None if entry.quarantined else self._newcomer(entry)
        person = self._people.get(found.worker_id)
        if person is None:
            self.strangers = True
        return person

    def _newcomer(self, entry: Prepared) -> Person | None:
        """Take the claim made for this entry; without one, the anchor had an owner at first and has none now."""
        anchor = entry.identity.anchor
        worker_id = self._newcomers.get(entry.indexes[anchor]) if anchor else None
        if worker_id is None:
            self.strangers = True
            return None
        return self._people.setdefault(worker_id, Person.newcomer(worker_id, self._vault))

    def _merge(self, entry: Prepared, person: Person, remarks: tuple[Finding, ...]) -> Receipt:
        said = entry.observation
        if person.version == 0 and entry.form is None:
            said = replace(said, groups=named(said.groups, entry.identity))
        merged = merge(person.held, said)
        if merged.late:
            remarks = (*remarks, Finding("SONG-101", "note", ("declared_on",)))
        person.held, person.groups, person.provenance = merged.held, merged.groups, merged.provenance
        person.said_identity, person.said_indexes = entry.identity, entry.indexes
        person.entries_merged += 1
        person.merged_at = entry.received_at
        state: EntryState = "unchanged"
        if merged.changed:
            state = "accepted"
            person.changed_at = entry.received_at
            person.version += 1
            person.scores, person.keys_doubted = self._judged(entry, person)
            self._add_event(entry, person, merged)
        for index in entry.indexes.values():
            owners = self._owners.setdefault(index, [])
            if person.worker_id not in owners:
                self._owners[index] = [*owners, person.worker_id]
        receipt = Receipt(
            entry.entry_id,
            state,
            person.worker_id,
            person.version,
            (*entry.verdict.findings, *_named(remarks, entry)),
            key=entry.submission.key,
        )
        receipt = self._store_entry(entry, receipt, person.key)
        if said.groups:
            self._observe(said, person, merged)
        self._report(entry, person)
        return receipt

    def _judged(self, entry: Prepared, person: Person) -> Judged:
        # A form that is the whole record has just been judged.
        if entry.form is not None and person.groups == entry.observation.groups:
            return Judged(dict(entry.verdict.scores), entry.verdict.keys_doubted)
        return judge_record(person.groups, entry.observation.as_of, self._quality)

    def _add_event(self, entry: Prepared, person: Person, merged: Merge) -> None:
        event_id = _EVENT_IDS.new()
        kind: EventType = "created" if person.version == 1 else "changed"
        report = entry.report
        correlation_id = entry.submission.correlated_with(entry.entry_id)
        facts = EventFacts(
            event_id=event_id,
            type=kind,
            worker_id=person.worker_id,
            version=person.version,
            recorded_at=entry.received_at,
            groups=person.groups,
            provenance=person.provenance,
            changed=merged.changed,
            quality=person.scores,
            commune=person.commune,
            correlation_id=correlation_id,
            causation_id=entry.entry_id,
            traceparent=entry.submission.traceparent or traceparent_of(correlation_id, event_id),
            origin=(report.target, person.key.state_hash(report.held)) if report else None,
        )
        body = event_bytes(facts, person.key)
        self._rows.events.append(EventRow(event_id, person.worker_id, person.version, kind, entry.received_at, body))

    def _quarantine(self, entry: Prepared, found: Match) -> Receipt:
        """Keep the entry before the record, sealed under a key of its own, which a release repoints."""
        doubt = (found.doubt,) if found.doubt else ()
        findings = (*entry.verdict.findings, *_named((*doubt, *found.remarks), entry))
        key, wrapped = self._vault.new_key()
        receipt = Receipt(entry.entry_id, "quarantined", None, None, findings, key=entry.submission.key)
        if entry.submission.decision is not None:
            # Released, and still in doubt whom it is about: it stays where it is.
            return Receipt(None, "refused", findings=findings, problem="identity-ambiguous", key=entry.submission.key)
        self._rows.keys.append(
            KeyRow(key.key_id, found.worker_id if found.worker_id in self._people else None, wrapped)
        )
        return self._store_entry(entry, receipt, key)

    def _about_nobody(self, entry: Prepared) -> Receipt:
        """A target reports what it holds of somebody whom we do not know, and says nothing else: nothing is merged."""
        finding = Finding("SACH-108", "note", ("basic.personal_number",))
        receipt = Receipt(
            entry.entry_id, "unchanged", None, None, (*entry.verdict.findings, finding), key=entry.submission.key
        )
        key, wrapped = self._vault.new_key()
        self._rows.keys.append(KeyRow(key.key_id, None, wrapped))
        return self._store_entry(entry, receipt, key)

    def _store_entry(self, entry: Prepared, receipt: Receipt, key: DataKey) -> Receipt:
        self._rows.audit.append(_audit(entry, receipt))
        decision = entry.submission.decision
        if decision is not None:
            verdict = decision_to_json("released", decision.reason, decision.entry_id, key)
            self._rows.decisions.append(
                DecisionRow(
                    decision.entry_id,
                    receipt.state,
                    receipt.worker_id,
                    receipt.version,
                    entry.received_at,
                    decision.decided_by,
                    verdict,
                )
            )
            self._rows.repointed_keys.append(KeyOwnerRow(decision.key_id, cast(str, receipt.worker_id)))
            return receipt
        receipt = replace(receipt, proof=self._batch.add(entry))
        sealed = key.seal(entry.payload, table="entries", row=entry.entry_id, fields="fields")
        self._rows.entries.append(
            EntryRow(
                entry_id=entry.entry_id,
                sender=entry.submission.sender,
                key_index=entry.key_index,
                body_digest=entry.body_digest,
                received_at=entry.received_at,
                source=entry.observation.source,
                form=entry.form,
                declared_on=entry.observation.as_of,
                commune=entry.commune,
                state=receipt.state,
                worker_id=receipt.worker_id,
                version=receipt.version,
                replaces=entry.replaces,
                envelope=entry.envelope,
                key_id=key.key_id,
                sealed=sealed,
                receipt=receipt_to_json(receipt),
            )
        )
        return receipt

    def _observe(self, said: Observation, person: Person, merged: Merge) -> None:
        opened, identity = split_identity(said.groups)
        sealed = None
        if identity:
            secret = cast(JsonObject, identity)
            sealed = person.key.seal(secret, table="observations", row=said.order, fields="identity")
        self._rows.observations.append(
            ObservationRow(
                person.worker_id,
                said.order,
                said.speaker,
                said.as_of,
                said.observed_at,
                orjson.dumps(opened).decode(),
                person.key.key_id,
                sealed,
                orjson.dumps(merged.changed).decode(),
            )
        )

    def _report(self, entry: Prepared, person: Person) -> None:
        report = entry.report
        if report is None:
            return
        key = person.key
        box = key.seal(
            report.held, table="target_states", row=f"{person.worker_id}/{report.target}", fields="applied_view"
        )
        held_hash = key.state_hash(report.held)
        # The same target twice for one person in a slice: the later report is what it holds now.
        self._rows.reported = [
            row for row in self._rows.reported if (row.worker_id, row.target) != (person.worker_id, report.target)
        ]
        self._rows.reported.append(
            ReportedRow(person.worker_id, report.target, entry.received_at, held_hash, key.key_id, box)
        )


def _named(findings: Iterable[Finding], entry: Prepared) -> tuple[Finding, ...]:
    """The same findings with the form's own field names instead of the record's."""
    if not isinstance(entry.submission.content, Entry):
        return tuple(findings)
    form = spec(entry.submission.content.form)
    return tuple(replace(one, fields=tuple(form.field_of(path) or path for path in one.fields)) for one in findings)


def _seen_twice(entry: Prepared, person: Person) -> tuple[Finding, ...]:
    person.entries_seen += 1
    if person.entries_seen == 1 or entry.form is None:
        return ()
    return (Finding("SACH-106", "note", ("basic.personal_number",)),)


def _audit(entry: Prepared, receipt: Receipt) -> AuditRow:
    action = "entry:released" if entry.submission.decision else f"entry:{receipt.state}"
    rules = sorted({one.rule for one in receipt.findings})
    detail = told(action, {"form": entry.form, "rules": rules, "version": receipt.version})
    return AuditRow(entry.received_at, entry.submission.sender, action, entry.entry_id, "success", detail)
