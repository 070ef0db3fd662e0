"""The register: codes, counts, ids, references and instants. No column takes free text, which would hold people."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, String, Table

from gateway.store.columns import instant_text, metadata, serial, uuid_text

incidents = Table(
    "incidents",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("detected_at", instant_text(), nullable=False),
    Column("people", Integer, nullable=False, comment="how many people it concerns, as far as is known"),
    Column("reference", String(64), nullable=False, comment="the file that tells more"),
    Column("registered_at", instant_text(), nullable=False),
    Column("registered_by", String(64), nullable=False),
    Column("report_due_at", instant_text(), nullable=False),
    Column("reported_at", instant_text(), nullable=True),
    Column("reported_by", String(64), nullable=True),
    Column("reported_reference", String(64), nullable=True),
    Column("closed_at", instant_text(), nullable=True),
    Column("closed_by", String(64), nullable=True),
    Column("closed_reference", String(64), nullable=True),
    CheckConstraint("people >= 0", name="people"),
    CheckConstraint("closed_at IS NULL OR reported_at IS NOT NULL", name="order"),
    sqlite_autoincrement=True,
)

subject_requests = Table(
    "subject_requests",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("worker_id", uuid_text(), nullable=False, comment="outlives the record: after an erasure it names nobody"),
    Column("received_at", instant_text(), nullable=False),
    Column("reference", String(64), nullable=False, comment="the file that the request is in"),
    Column("registered_at", instant_text(), nullable=False),
    Column("registered_by", String(64), nullable=False),
    Column("acknowledge_due_at", instant_text(), nullable=False),
    Column("close_due_at", instant_text(), nullable=False),
    Column("calendar", String(12), nullable=False, comment="how sure the holidays were: announced, computed, fixed"),
    Column("acknowledged_at", instant_text(), nullable=True),
    Column("acknowledged_by", String(64), nullable=True),
    Column("acknowledged_reference", String(64), nullable=True),
    Column("closed_at", instant_text(), nullable=True),
    Column("closed_by", String(64), nullable=True),
    Column("closed_reference", String(64), nullable=True),
    CheckConstraint("closed_at IS NULL OR acknowledged_at IS NOT NULL", name="order"),
    sqlite_autoincrement=True,
)
