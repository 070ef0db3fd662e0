"""Targets can be paused, and each process that sends says how it stands with them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INSTANT = sa.String(27)


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    op.create_table(
        "target_pauses",
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("cause", sa.String(24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="for people; names nobody"),
        sa.Column("paused_by", sa.String(64), nullable=False),
        sa.Column("paused_at", INSTANT, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False, comment="later than paused_at: announced"),
        sa.Column("ends_at", INSTANT, nullable=True, comment="null: until somebody resumes it"),
        sa.Column("times", sa.Integer(), nullable=False, comment="how often in a row the gateway itself paused it"),
        sa.CheckConstraint(
            "cause IN ('by-hand','maintenance','too-many-refusals')", name=op.f("ck_target_pauses_cause")
        ),
        sa.PrimaryKeyConstraint("target", name="pk_target_pauses"),
    )
    op.create_table(
        "sender_reports",
        sa.Column("process", sa.String(64), nullable=False),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("breaker", sa.String(12), nullable=False),
        sa.Column("cause", sa.String(64), nullable=True, comment="why the breaker is open, or what failed last"),
        sa.Column("wait_ms", sa.Integer(), nullable=False, comment="until an open breaker lets a call through"),
        sa.Column("calls_under_way", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.Text(), nullable=False, comment="JSON: rows by the state that calls brought them to"),
        sa.Column("reported_at", INSTANT, nullable=False, comment="the database's own clock"),
        sa.PrimaryKeyConstraint("process", "target", name="pk_sender_reports"),
    )
