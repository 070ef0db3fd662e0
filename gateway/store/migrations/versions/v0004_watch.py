"""The watcher keeps the gaps that it found, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INSTANT = sa.String(27)


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    op.create_table(
        "watch_gaps",
        sa.Column("alarm", sa.String(32), nullable=False, comment="its name, and its page in ops/runbooks/watch.md"),
        sa.Column("subject", sa.String(96), nullable=False, comment="what it is about: worker, version, target"),
        sa.Column("worker_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("target", sa.String(24), nullable=True),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="for people; names nobody"),
        sa.PrimaryKeyConstraint("alarm", "subject", name="pk_watch_gaps"),
    )
    op.create_table(
        "watch_state",
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_watch_state"),
    )
