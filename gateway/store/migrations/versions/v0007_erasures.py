"""What two people must agree on, and keyed hashes of those who were erased."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INSTANT = sa.String(27)


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    op.create_table(
        "approvals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True),
        sa.Column("action", sa.String(32), nullable=False, comment="what is asked for, as people:erase"),
        sa.Column("subject", sa.String(64), nullable=False, comment="an id that names nobody"),
        sa.Column("reference", sa.String(64), nullable=False, comment="the file that it is asked for in"),
        sa.Column("content", sa.Text(), nullable=False, comment="JSON: what exactly is asked for"),
        sa.Column("requested_by", sa.String(64), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.CheckConstraint("state IN ('requested', 'confirmed', 'refused')", name=op.f("ck_approvals_state")),
        sa.CheckConstraint("state <> 'confirmed' OR decided_by <> requested_by", name=op.f("ck_approvals_two_people")),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "erased_marks",
        sa.Column("mark", sa.LargeBinary(), nullable=False, comment="HMAC of kind and value under a key of its own"),
        sa.Column("erased_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_erased_marks"),
    )
