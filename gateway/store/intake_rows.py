"""The rows that one slice of entries writes in one commit. Each row appears exactly once per statement: an update from
`unnest` that names a worker twice applies only one of the two."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class NewcomerRow:
    """A person met for the first time: the anchor index that makes the person exist once, and a worker id."""

    kind: str
    index: bytes
    worker_id: str
    valid_from: str


@dataclass(slots=True)
class EntryRow:
    """One stored entry with its receipt."""

    entry_id: str
    sender: str
    key_index: bytes | None
    body_digest: bytes
    received_at: str
    source: str
    form: str | None
    declared_on: str
    commune: str | None
    state: str
    worker_id: str | None
    version: int | None
    replaces: str | None
    envelope: str
    key_id: str
    sealed: bytes
    receipt: str


@dataclass(slots=True)
class KeyRow:
    """A data key for an entry that matches nobody."""

    key_id: str
    worker_id: str | None
    wrapped: bytes


@dataclass(slots=True)
class ObservationRow:
    """What one source said."""

    worker_id: str
    entry_id: str
    source: str
    as_of: str
    observed_at: str
    groups: str
    key_id: str
    sealed: bytes | None
    changed: str


@dataclass(slots=True)
class WorkerRow:
    """A worker's state after the slice. Also written when only confirmed-at or losing values moved."""

    worker_id: str
    version: int
    statements: str
    sealed: bytes | None
    commune: str | None
    verified: bool
    score_correct: int | None
    score_complete: int | None
    score_clean: int | None
    keys_doubted: bool
    changed_at: str
    confirmed_at: str


@dataclass(slots=True)
class NewWorkerRow(WorkerRow):
    """A newcomer's first state."""

    key_id: str
    created_at: str


@dataclass(slots=True)
class IdentifierRow:
    """A new current identifier of a worker."""

    kind: str
    index: bytes
    worker_id: str
    valid_from: str


@dataclass(slots=True)
class EventRow:
    """One event; `pending` gets its row in the same statement."""

    event_id: str
    worker_id: str
    version: int
    type: str
    recorded_at: str
    body: bytes


@dataclass(slots=True)
class AuditRow:
    """One audit row, `subject:action`."""

    at: str
    actor: str
    action: str
    subject: str
    outcome: str
    detail: str


@dataclass(slots=True)
class ReportedRow:
    """What a target is now known to hold (its own report); `differs` when the merged record's view is another."""

    worker_id: str
    target: str
    at: str
    held_hash: bytes
    key_id: str
    held: bytes


@dataclass(slots=True)
class DecisionRow:
    """The end of a quarantined entry: its new state, its worker and who decided."""

    entry_id: str
    state: str
    worker_id: str | None
    version: int | None
    decided_at: str
    decided_by: str
    decision: str


@dataclass(slots=True)
class ReceiptBatchRow:
    """The signed receipts of the slice's forms."""

    batch: str
    signed_at: str
    leaves: bytes
    entry_ids: bytes
    key_id: str
    signature: bytes


@dataclass(slots=True)
class KeyOwnerRow:
    """A data key that now belongs to a worker: a released entry's, so that erasure finds it."""

    key_id: str
    worker_id: str


@dataclass(slots=True)
class SliceRows:
    """Everything that one commit writes, in the order in which the statements need it."""

    keys: list[KeyRow] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    decisions: list[DecisionRow] = field(default_factory=list)
    repointed_keys: list[KeyOwnerRow] = field(default_factory=list)
    observations: list[ObservationRow] = field(default_factory=list)
    new_workers: list[NewWorkerRow] = field(default_factory=list)
    workers: list[WorkerRow] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    """Newcomers enrolled in this slice whose entries turned out to be in doubt: their anchors go again."""
    closed_identifiers: list[int] = field(default_factory=list)
    identifiers: list[IdentifierRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    reported: list[ReportedRow] = field(default_factory=list)
    audit: list[AuditRow] = field(default_factory=list)
    receipts: list[ReceiptBatchRow] = field(default_factory=list)
