"""Audit rows get a place in a chain, and signed checkpoints say how far it went."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INSTANT = sa.String(27)
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    op.create_table(
        "audit_chain",
        sa.Column("position", COUNTED, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(48), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("chained_at", INSTANT, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 over the hash before and this row"),
        sa.PrimaryKeyConstraint("position", name="pk_audit_chain"),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("number", COUNTED, autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False, comment="Ed25519"),
        sa.PrimaryKeyConstraint("number", name="pk_audit_checkpoints"),
        sa.UniqueConstraint("position", name=op.f("uq_audit_checkpoints_position")),
    )
