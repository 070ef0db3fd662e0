"""The tables of propagation: what each target should hold and holds, what was written there, and who may send now."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from gateway.store.columns import instant_text, metadata, serial, uuid_text

# Predicates of partial indexes. A query must say them in the same literal words: with bound values the databases cannot
# know that the index covers the question, and read the whole table instead.
WORK_WHERE: Final = "state IN ('due','unknown','sending')"
PARKED_WHERE: Final = "state = 'parked'"

target_states = Table(
    "target_states",
    metadata,
    Column("worker_id", uuid_text(), primary_key=True),
    Column("target", String(24), primary_key=True),
    Column("state", String(24), nullable=False),
    Column("wanted_version", Integer, nullable=False),
    Column("wanted_hash", LargeBinary, nullable=True),
    Column("wanted_at", instant_text(), nullable=False),
    Column("applied_version", Integer, nullable=False),
    Column("applied_hash", LargeBinary, nullable=True),
    Column("applied_at", instant_text(), nullable=True),
    Column("applied_key_id", uuid_text(), nullable=True),
    Column("applied_view", LargeBinary, nullable=True, comment="sealed: previews and reconciliation read it"),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", instant_text(), nullable=False),
    Column("lease_epoch", BigInteger, nullable=False),
    Column("lease_until", instant_text(), nullable=True),
    Column("cause", String(64), nullable=True),
    Column("answer", LargeBinary, nullable=True, comment="sealed: what the target said"),
    Column("since", instant_text(), nullable=False, comment="in this state since"),
    Column("correlation_id", uuid_text(), nullable=True),
    CheckConstraint(
        "state IN ('settled','due','sending','unknown','waiting_for_identity','parked','not_concerned')",
        name="state",
    ),
    Index(
        "ix_target_states_work",
        "target",
        "next_attempt_at",
        postgresql_where=text(WORK_WHERE),
        sqlite_where=text(WORK_WHERE),
    ),
    Index(
        "ix_target_states_parked",
        "target",
        "since",
        postgresql_where=text(PARKED_WHERE),
        sqlite_where=text(PARKED_WHERE),
    ),
    postgresql_with={"fillfactor": "60"},
)

target_writes = Table(
    "target_writes",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("worker_id", uuid_text(), nullable=False),
    Column("target", String(24), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("written_at", instant_text(), nullable=False),
    Column("passed_over", Boolean, nullable=False, comment="a newer write was echoed before this one"),
    Index(None, "worker_id", "target"),
    Index(None, "written_at"),
    sqlite_autoincrement=True,
)

target_pauses = Table(
    "target_pauses",
    metadata,
    Column("target", String(24), primary_key=True),
    Column("cause", String(24), nullable=False),
    Column("reason", Text, nullable=False, comment="for people; names nobody"),
    Column("paused_by", String(64), nullable=False),
    Column("paused_at", instant_text(), nullable=False),
    Column("starts_at", instant_text(), nullable=False, comment="later than paused_at: announced"),
    Column("ends_at", instant_text(), nullable=True, comment="null: until somebody resumes it"),
    Column("times", Integer, nullable=False, comment="how often in a row the gateway itself paused it"),
    CheckConstraint("cause IN ('by-hand','maintenance','too-many-refusals')", name="cause"),
)

sender_reports = Table(
    "sender_reports",
    metadata,
    Column("process", String(64), primary_key=True),
    Column("target", String(24), primary_key=True),
    Column("breaker", String(12), nullable=False),
    Column("cause", String(64), nullable=True, comment="why the breaker is open, or what failed last"),
    Column("wait_ms", Integer, nullable=False, comment="until an open breaker lets a call through"),
    Column("calls_under_way", Integer, nullable=False),
    Column("outcomes", Text, nullable=False, comment="JSON: rows by the state that calls brought them to"),
    Column("reported_at", instant_text(), nullable=False, comment="the database's own clock"),
)
