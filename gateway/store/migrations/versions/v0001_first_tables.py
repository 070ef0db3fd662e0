"""The first tables."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ID = sa.Uuid(as_uuid=False)
INSTANT = sa.String(27)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    _people()
    _entries()
    _events()
    _targets()
    _audit()


def _people() -> None:
    """Workers, their identifiers and keys, and what each source said."""
    op.create_table(
        "data_keys",
        sa.Column("key_id", ID, nullable=False),
        sa.Column("worker_id", ID, nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_data_keys"),
    )
    op.create_index("ix_data_keys_worker_id", "data_keys", ["worker_id"], unique=False)
    op.create_table(
        "workers",
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column(
            "statements", sa.Text(), nullable=False, comment="JSON: group -> source -> statement, identity left out"
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=True, comment="the identifying part of `statements`"),
        sa.Column("commune", sa.String(5), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("score_correct", sa.Integer(), nullable=True),
        sa.Column("score_complete", sa.Integer(), nullable=True),
        sa.Column("score_clean", sa.Integer(), nullable=True),
        sa.Column(
            "keys_doubted",
            sa.Boolean(),
            nullable=False,
            comment="a rule doubts a number that identifies the person",
        ),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", sa.Text(), nullable=False, comment="JSON: group -> instant; read for freshness only"),
        sa.PrimaryKeyConstraint("worker_id", name="pk_workers"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_workers_commune", "workers", ["commune"], unique=False)
    op.create_table(
        "worker_identifiers",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column(
            "index", sa.LargeBinary(), nullable=False, comment="HMAC-SHA-256 of kind and value under the index key"
        ),
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_to", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_worker_identifiers"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_worker_identifiers_index_worker_id", "worker_identifiers", ["index", "worker_id"], unique=False)
    op.create_index("ix_worker_identifiers_worker_id", "worker_identifiers", ["worker_id"], unique=False)
    op.create_index(
        "ux_worker_identifiers_current",
        "worker_identifiers",
        ["index"],
        unique=True,
        postgresql_where=sa.text(
            "valid_to IS NULL AND kind IN ('personal_number', 'social_insurance_number', 'cmnd_person')"
        ),
        sqlite_where=sa.text(
            "valid_to IS NULL AND kind IN ('personal_number', 'social_insurance_number', 'cmnd_person')"
        ),
    )
    op.create_table(
        "observations",
        sa.Column("observation_id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("observed_at", INSTANT, nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("changed", sa.Text(), nullable=False, comment="JSON: groups that this observation changed"),
        sa.PrimaryKeyConstraint("observation_id", name="pk_observations"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_observations_worker_id", "observations", ["worker_id"], unique=False)


def _entries() -> None:
    """What comes in, and what is asked about it."""
    op.create_table(
        "entries",
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("key_index", sa.LargeBinary(), nullable=True, comment="HMAC of (sender, sender's key)"),
        sa.Column(
            "body_digest",
            sa.LargeBinary(),
            nullable=False,
            comment="HMAC of the body, to tell a repeat from another body",
        ),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("form", sa.String(24), nullable=True),
        sa.Column("declared_on", sa.String(10), nullable=False),
        sa.Column("commune", sa.String(5), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("worker_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("replaces", ID, nullable=True),
        sa.Column("envelope", sa.Text(), nullable=False, comment="JSON: what surrounds the fields, without identity"),
        sa.Column("key_id", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False, comment="the fields as submitted"),
        sa.Column("receipt", sa.Text(), nullable=False, comment="JSON: the receipt as answered"),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True, comment="JSON: released or rejected, and the reason"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_entries"),
    )
    op.create_index(
        "ix_entries_quarantined",
        "entries",
        ["entry_id"],
        unique=False,
        postgresql_where=sa.text("state = 'quarantined'"),
        sqlite_where=sa.text("state = 'quarantined'"),
    )
    op.create_index("ix_entries_worker_id", "entries", ["worker_id"], unique=False)
    op.create_index("ux_entries_key_index", "entries", ["key_index"], unique=True)
    op.create_table(
        "heard_changes",
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("change_id", sa.String(128), nullable=False),
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False, comment="entry | echo | unreadable"),
        sa.PrimaryKeyConstraint("source", "change_id", name="pk_heard_changes"),
    )
    op.create_table(
        "capture_cursors",
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_capture_cursors"),
    )
    op.create_table(
        "verifications",
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("identity_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "outcome", sa.String(12), nullable=False, comment="waiting | verified | not_found | differs | no_answer"
        ),
        sa.Column("answered_hash", sa.LargeBinary(), nullable=True),
        sa.Column("differing", sa.Text(), nullable=False, comment="JSON: names of the fields that differ"),
        sa.Column("cause", sa.String(64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=True, comment="null: nothing to ask"),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("commune", sa.String(5), nullable=True),
        sa.PrimaryKeyConstraint("worker_id", name="pk_verifications"),
    )
    op.create_index("ix_verifications_due", "verifications", ["next_at"], unique=False)
    op.create_index("ix_verifications_outcome_since", "verifications", ["outcome", "since"], unique=False)


def _events() -> None:
    """The event log, the relay and the embedded stream."""
    op.create_table(
        "events",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(12), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="the event's bytes, made once and published as stored"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("event_id", name="uq_events_event_id"),
        sa.UniqueConstraint("worker_id", "version", name="uq_events_worker_id_version"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "pending",
        sa.Column("id", SERIAL, autoincrement=False, nullable=False, comment="events.id"),
        sa.Column("worker_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pending"),
    )
    op.create_table(
        "positions",
        sa.Column("position", SERIAL, autoincrement=False, nullable=False),
        sa.Column("event_row", sa.BigInteger(), nullable=False, comment="events.id"),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("record_offset", sa.BigInteger(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_positions"),
        sa.UniqueConstraint("event_row", name="uq_positions_event_row"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "stream_records",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("record_offset", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stream_records"),
        sa.UniqueConstraint(
            "topic", "partition", "record_offset", name="uq_stream_records_topic_partition_record_offset"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "stream_offsets",
        sa.Column("group_name", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("group_name", "topic", "partition", name="pk_stream_offsets"),
    )


def _targets() -> None:
    """What each target should hold, and holds."""
    op.create_table(
        "target_states",
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("wanted_version", sa.Integer(), nullable=False),
        sa.Column("wanted_hash", sa.LargeBinary(), nullable=True),
        sa.Column("wanted_at", INSTANT, nullable=False),
        sa.Column("applied_version", sa.Integer(), nullable=False),
        sa.Column("applied_hash", sa.LargeBinary(), nullable=True),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.Column("applied_key_id", ID, nullable=True),
        sa.Column(
            "applied_view", sa.LargeBinary(), nullable=True, comment="sealed: previews and reconciliation read it"
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=False),
        sa.Column("lease_epoch", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("cause", sa.String(64), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True, comment="sealed: what the target said"),
        sa.Column("since", INSTANT, nullable=False, comment="in this state since"),
        sa.Column("correlation_id", ID, nullable=True),
        sa.CheckConstraint(
            "state IN ('settled','due','sending','unknown','waiting_for_identity','parked','not_concerned')",
            name=op.f("ck_target_states_state"),
        ),
        sa.PrimaryKeyConstraint("worker_id", "target", name="pk_target_states"),
        postgresql_with={"fillfactor": "60"},
    )
    op.create_index(
        "ix_target_states_parked",
        "target_states",
        ["target", "since"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
        sqlite_where=sa.text("state = 'parked'"),
    )
    op.create_index(
        "ix_target_states_work",
        "target_states",
        ["target", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('due','unknown','sending')"),
        sqlite_where=sa.text("state IN ('due','unknown','sending')"),
    )
    op.create_table(
        "target_writes",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("passed_over", sa.Boolean(), nullable=False, comment="a newer write was echoed before this one"),
        sa.PrimaryKeyConstraint("id", name="pk_target_writes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_target_writes_worker_id_target", "target_writes", ["worker_id", "target"], unique=False)
    op.create_index("ix_target_writes_written_at", "target_writes", ["written_at"], unique=False)
    op.create_table(
        "disagreements",
        sa.Column("worker_id", ID, nullable=False),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("hashes", sa.Text(), nullable=False, comment="JSON: hex of the hashes last reported, newest last"),
        sa.PrimaryKeyConstraint("worker_id", "target", name="pk_disagreements"),
    )


def _audit() -> None:
    """Who did what."""
    op.create_table(
        "audit_rows",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(48), nullable=False, comment="subject:action, listed in ops/audit-events.md"),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_rows"),
        sqlite_autoincrement=True,
    )
