"""Signed receipts: what one commit took in, under one signature."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    op.create_table(
        "receipt_batches",
        sa.Column("batch", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("signed_at", sa.String(27), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False, comment="SHA-256 of each statement, 32 bytes each"),
        sa.Column("entry_ids", sa.LargeBinary(), nullable=False, comment="of the same entries, 16 bytes each"),
        sa.Column("key_id", sa.String(16), nullable=False, comment="which key signed"),
        sa.Column("signature", sa.LargeBinary(), nullable=False, comment="Ed25519 over the root"),
        sa.PrimaryKeyConstraint("batch", name="pk_receipt_batches"),
    )
