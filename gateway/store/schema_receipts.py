"""Signed receipts: one row for each commit that took forms in. It holds hashes and ids, and nothing of anybody."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table, Uuid

from gateway.store.columns import instant_text, metadata

receipt_batches = Table(
    "receipt_batches",
    metadata,
    Column("batch", Uuid(as_uuid=False), primary_key=True),
    Column("signed_at", instant_text(), nullable=False),
    Column("leaves", LargeBinary, nullable=False, comment="SHA-256 of each statement, 32 bytes each"),
    Column("entry_ids", LargeBinary, nullable=False, comment="of the same entries, 16 bytes each"),
    Column("key_id", String(16), nullable=False, comment="which key signed"),
    Column("signature", LargeBinary, nullable=False, comment="Ed25519 over the root"),
)
