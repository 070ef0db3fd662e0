"""The register of incidents and of data subjects' requests."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "incidents",
        sa.Column("id", serial, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("detected_at", sa.String(27), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False, comment="how many people it concerns, as far as is known"),
        sa.Column("reference", sa.String(64), nullable=False, comment="the file that tells more"),
        sa.Column("registered_at", sa.String(27), nullable=False),
        sa.Column("registered_by", sa.String(64), nullable=False),
        sa.Column("report_due_at", sa.String(27), nullable=False),
        *_step("reported"),
        *_step("closed"),
        sa.CheckConstraint("people >= 0", name=op.f("ck_incidents_people")),
        sa.CheckConstraint("closed_at IS NULL OR reported_at IS NOT NULL", name=op.f("ck_incidents_order")),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subject_requests",
        sa.Column("id", serial, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column(
            "worker_id",
            sa.Uuid(as_uuid=False),
            nullable=False,
            comment="outlives the record: after an erasure it names nobody",
        ),
        sa.Column("received_at", sa.String(27), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False, comment="the file that the request is in"),
        sa.Column("registered_at", sa.String(27), nullable=False),
        sa.Column("registered_by", sa.String(64), nullable=False),
        sa.Column("acknowledge_due_at", sa.String(27), nullable=False),
        sa.Column("close_due_at", sa.String(27), nullable=False),
        sa.Column(
            "calendar", sa.String(12), nullable=False, comment="how sure the holidays were: announced, computed, fixed"
        ),
        *_step("acknowledged"),
        *_step("closed"),
        sa.CheckConstraint("closed_at IS NULL OR acknowledged_at IS NOT NULL", name=op.f("ck_subject_requests_order")),
        sa.PrimaryKeyConstraint("id", name="pk_subject_requests"),
        sqlite_autoincrement=True,
    )


def _step(name: str) -> tuple[sa.Column[str], sa.Column[str], sa.Column[str]]:
    return (
        sa.Column(f"{name}_at", sa.String(27), nullable=True),
        sa.Column(f"{name}_by", sa.String(64), nullable=True),
        sa.Column(f"{name}_reference", sa.String(64), nullable=True),
    )
