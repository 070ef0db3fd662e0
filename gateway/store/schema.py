"""The tables, once for SQLite and PostgreSQL. Alembic's migrations are held against this page by `make check`.

Conventions: ids are UUIDs as text in Python; instants are text `2026-07-05T01:02:03.000004Z` (fixed width, so that text
order is time order on both databases); JSON is text; everything that identifies a person is in a `sealed` column or a
keyed `index`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.store.columns import instant_text, metadata, serial, uuid_text
from gateway.store.schema_audit import audit_chain, audit_checkpoints, audit_rows, audit_subjects
from gateway.store.schema_callers import agencies, assertions_heard, caller_keys, callers
from gateway.store.schema_erasures import approvals, erased_marks
from gateway.store.schema_index_keys import identifier_rehashes, index_keys
from gateway.store.schema_receipts import receipt_batches
from gateway.store.schema_register import incidents, subject_requests
from gateway.store.schema_targets import (
    PARKED_WHERE,
    WORK_WHERE,
    sender_reports,
    target_pauses,
    target_states,
    target_writes,
)
from gateway.store.schema_watch import watch_gaps, watch_state

__all__ = [
    "CMND",
    "CMND_PERSON",
    "NAME_BIRTH",
    "PARKED_WHERE",
    "PERSONAL_NUMBER",
    "QUARANTINED_WHERE",
    "SOCIAL_INSURANCE_NUMBER",
    "UNIQUE_IDENTIFIER_WHERE",
    "UNIQUE_KINDS",
    "WORK_WHERE",
    "agencies",
    "approvals",
    "assertions_heard",
    "audit_chain",
    "audit_checkpoints",
    "audit_rows",
    "audit_subjects",
    "caller_keys",
    "callers",
    "capture_cursors",
    "data_keys",
    "disagreements",
    "entries",
    "erased_marks",
    "events",
    "heard_changes",
    "identifier_rehashes",
    "incidents",
    "index_keys",
    "leases",
    "metadata",
    "observations",
    "pending",
    "positions",
    "receipt_batches",
    "sender_reports",
    "stream_offsets",
    "stream_records",
    "subject_requests",
    "target_pauses",
    "target_states",
    "target_writes",
    "verifications",
    "watch_gaps",
    "watch_state",
    "worker_identifiers",
    "workers",
]

# Identifier kinds. The kind is also inside the HMAC, so an index value never collides between kinds.
PERSONAL_NUMBER: Final = "personal_number"
SOCIAL_INSURANCE_NUMBER: Final = "social_insurance_number"
CMND_PERSON: Final = "cmnd_person"
CMND: Final = "cmnd"
NAME_BIRTH: Final = "name_birth"
UNIQUE_KINDS: Final = (PERSONAL_NUMBER, SOCIAL_INSURANCE_NUMBER, CMND_PERSON)
UNIQUE_IDENTIFIER_WHERE: Final = (
    "valid_to IS NULL AND kind IN ('personal_number', 'social_insurance_number', 'cmnd_person')"
)

# Predicate of a partial index, see `schema_targets`.
QUARANTINED_WHERE: Final = "state = 'quarantined'"

data_keys = Table(
    "data_keys",
    metadata,
    Column("key_id", uuid_text(), primary_key=True),
    Column("worker_id", uuid_text(), nullable=True),
    Column("wrapped", LargeBinary, nullable=False),
    Index(None, "worker_id"),
)

workers = Table(
    "workers",
    metadata,
    Column("worker_id", uuid_text(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("key_id", uuid_text(), nullable=False),
    Column("statements", Text, nullable=False, comment="JSON: group -> source -> statement, identity left out"),
    Column("sealed", LargeBinary, nullable=True, comment="the identifying part of `statements`"),
    Column("commune", String(5), nullable=True),
    Column("verified", Boolean, nullable=False),
    Column("score_correct", Integer, nullable=True),
    Column("score_complete", Integer, nullable=True),
    Column("score_clean", Integer, nullable=True),
    Column("keys_doubted", Boolean, nullable=False, comment="a rule doubts a number that identifies the person"),
    Column("created_at", instant_text(), nullable=False),
    Column("changed_at", instant_text(), nullable=False),
    Column("confirmed_at", Text, nullable=False, comment="JSON: group -> instant; read for freshness only"),
    Index(None, "commune"),
    # Rewritten on every new version: room on the page keeps the new row beside the old one (heap-only update).
    postgresql_with={"fillfactor": "70"},
)

worker_identifiers = Table(
    "worker_identifiers",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("kind", String(24), nullable=False),
    Column("index", LargeBinary, nullable=False, comment="HMAC-SHA-256 of kind and value under the index key"),
    Column("worker_id", uuid_text(), nullable=False),
    Column("valid_from", instant_text(), nullable=False),
    Column("valid_to", instant_text(), nullable=True),
    Index(
        "ux_worker_identifiers_current",
        "index",
        unique=True,
        postgresql_where=text(UNIQUE_IDENTIFIER_WHERE),
        sqlite_where=text(UNIQUE_IDENTIFIER_WHERE),
    ),
    Index(None, "index", "worker_id"),
    Index(None, "worker_id"),
    sqlite_autoincrement=True,
)

entries = Table(
    "entries",
    metadata,
    Column("entry_id", uuid_text(), primary_key=True),
    Column("sender", String(64), nullable=False),
    Column("key_index", LargeBinary, nullable=True, comment="HMAC of (sender, sender's key)"),
    Column(
        "body_digest",
        LargeBinary,
        nullable=False,
        comment="HMAC of the body, to tell a repeat from another body",
    ),
    Column("received_at", instant_text(), nullable=False),
    Column("source", String(24), nullable=False),
    Column("form", String(24), nullable=True),
    Column("declared_on", String(10), nullable=False),
    Column("commune", String(5), nullable=True),
    Column("state", String(12), nullable=False),
    Column("worker_id", uuid_text(), nullable=True),
    Column("version", Integer, nullable=True),
    Column("replaces", uuid_text(), nullable=True),
    Column("envelope", Text, nullable=False, comment="JSON: what surrounds the fields, without identity"),
    Column("key_id", uuid_text(), nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="the fields as submitted"),
    Column("receipt", Text, nullable=False, comment="JSON: the receipt as answered"),
    Column("decided_at", instant_text(), nullable=True),
    Column("decided_by", String(64), nullable=True),
    Column("decision", Text, nullable=True, comment="JSON: released or rejected, and the reason"),
    Index("ux_entries_key_index", "key_index", unique=True),
    Index(
        "ix_entries_quarantined",
        "entry_id",
        postgresql_where=text(QUARANTINED_WHERE),
        sqlite_where=text(QUARANTINED_WHERE),
    ),
    Index(None, "worker_id"),
)

observations = Table(
    "observations",
    metadata,
    Column("observation_id", serial(), primary_key=True, autoincrement=True),
    Column("worker_id", uuid_text(), nullable=False),
    Column("entry_id", uuid_text(), nullable=False),
    Column("source", String(40), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("observed_at", instant_text(), nullable=False),
    Column("groups", Text, nullable=False),
    Column("key_id", uuid_text(), nullable=False),
    Column("sealed", LargeBinary, nullable=True),
    Column("changed", Text, nullable=False, comment="JSON: groups that this observation changed"),
    Index(None, "worker_id"),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("event_id", uuid_text(), nullable=False),
    Column("worker_id", uuid_text(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", String(12), nullable=False),
    Column("recorded_at", instant_text(), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="the event's bytes, made once and published as stored"),
    UniqueConstraint("worker_id", "version"),
    UniqueConstraint("event_id"),
    sqlite_autoincrement=True,
)

pending = Table(
    "pending",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=False, comment="events.id"),
    Column("worker_id", uuid_text(), nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("event_row", BigInteger, nullable=False, comment="events.id"),
    Column("partition", Integer, nullable=False),
    Column("record_offset", BigInteger, nullable=False),
    Column("published_at", instant_text(), nullable=False),
    UniqueConstraint("event_row"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", instant_text(), nullable=False),
)

stream_records = Table(
    "stream_records",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("topic", String(64), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("record_offset", BigInteger, nullable=False),
    Column("key", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("headers", Text, nullable=False),
    Column("stored_at", instant_text(), nullable=False),
    UniqueConstraint("topic", "partition", "record_offset"),
    sqlite_autoincrement=True,
)

stream_offsets = Table(
    "stream_offsets",
    metadata,
    Column("group_name", String(64), primary_key=True),
    Column("topic", String(64), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)

verifications = Table(
    "verifications",
    metadata,
    Column("worker_id", uuid_text(), primary_key=True),
    Column("identity_hash", LargeBinary, nullable=False),
    Column("outcome", String(12), nullable=False, comment="waiting | verified | not_found | differs | no_answer"),
    Column("answered_hash", LargeBinary, nullable=True),
    Column("differing", Text, nullable=False, comment="JSON: names of the fields that differ"),
    Column("cause", String(64), nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("next_at", instant_text(), nullable=True, comment="null: nothing to ask"),
    Column("since", instant_text(), nullable=False),
    Column("commune", String(5), nullable=True),
    Index("ix_verifications_due", "next_at"),
    Index(None, "outcome", "since"),
)

capture_cursors = Table(
    "capture_cursors",
    metadata,
    Column("source", String(24), primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("saved_at", instant_text(), nullable=False),
)

heard_changes = Table(
    "heard_changes",
    metadata,
    Column("source", String(24), primary_key=True),
    Column("change_id", String(128), primary_key=True),
    Column("heard_at", instant_text(), nullable=False),
    Column("outcome", String(16), nullable=False, comment="entry | echo | unreadable"),
)

disagreements = Table(
    "disagreements",
    metadata,
    Column("worker_id", uuid_text(), primary_key=True),
    Column("target", String(24), primary_key=True),
    Column("hashes", Text, nullable=False, comment="JSON: hex of the hashes last reported, newest last"),
)
