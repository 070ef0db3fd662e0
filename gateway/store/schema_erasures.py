"""What needs two people, and who was erased: as keyed hashes alone, which know people without naming them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, LargeBinary, String, Table, Text

from gateway.store.columns import instant_text, metadata, serial

approvals = Table(
    "approvals",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("action", String(32), nullable=False, comment="what is asked for, as people:erase"),
    Column("subject", String(64), nullable=False, comment="an id that names nobody"),
    Column("reference", String(64), nullable=False, comment="the file that it is asked for in"),
    Column("content", Text, nullable=False, comment="JSON: what exactly is asked for"),
    Column("requested_by", String(64), nullable=False),
    Column("requested_at", instant_text(), nullable=False),
    Column("expires_at", instant_text(), nullable=False),
    Column("state", String(12), nullable=False),
    Column("decided_by", String(64), nullable=True),
    Column("decided_at", instant_text(), nullable=True),
    CheckConstraint("state IN ('requested', 'confirmed', 'refused')", name="state"),
    CheckConstraint("state <> 'confirmed' OR decided_by <> requested_by", name="two_people"),
    sqlite_autoincrement=True,
)

erased_marks = Table(
    "erased_marks",
    metadata,
    Column("mark", LargeBinary, primary_key=True, comment="HMAC of kind and value under a key of its own"),
    Column("erased_at", instant_text(), nullable=False),
)
