"""The index key rotates: which one is in force, and what takes the place of each index."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    op.create_table(
        "index_keys",
        sa.Column("one", sa.SmallInteger(), autoincrement=False, nullable=False, comment="1: there is one row"),
        sa.Column("key_id", sa.String(16), nullable=False, comment="the index key in force"),
        sa.Column("since", sa.String(27), nullable=False),
        sa.CheckConstraint("one = 1", name=op.f("ck_index_keys_one")),
        sa.PrimaryKeyConstraint("one", name="pk_index_keys"),
    )
    op.create_table(
        "identifier_rehashes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False, comment="in worker_identifiers"),
        sa.Column("index", sa.LargeBinary(), nullable=False, comment="by the key that comes"),
        sa.Column("key_id", sa.String(16), nullable=False, comment="which key that is"),
        sa.PrimaryKeyConstraint("id", name="pk_identifier_rehashes"),
    )
