"""The audit trail's tables: rows as written, their chain, and the signatures over it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from gateway.store.columns import instant_text, metadata, serial, uuid_text

audit_rows = Table(
    "audit_rows",
    metadata,
    Column("id", serial(), primary_key=True, autoincrement=True),
    Column("at", instant_text(), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(48), nullable=False, comment="subject:action, listed in ops/audit-events.md"),
    Column("subject", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", instant_text(), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(48), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("chained_at", instant_text(), nullable=False),
    Column("hash", LargeBinary, nullable=False, comment="SHA-256 over the hash before and this row"),
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signed_at", instant_text(), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("signature", LargeBinary, nullable=False, comment="Ed25519"),
    UniqueConstraint("position"),
)

# Who was shown, by a row of the chain: made when the row gets its place, and can be made again from the chain.
audit_subjects = Table(
    "audit_subjects",
    metadata,
    Column("worker_id", uuid_text(), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False, comment="in audit_chain"),
)
