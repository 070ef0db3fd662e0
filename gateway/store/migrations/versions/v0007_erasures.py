"""What two people must agree on, in one table, and keyed hashes of those who were erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from gateway.clock import instant, parse_instant

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INSTANT = sa.String(27)
CONFIRM_WITHIN = dt.timedelta(hours=72)


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    approvals = op.create_table(
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
    _move_open_proposals(approvals)


def _move_open_proposals(approvals: sa.Table) -> None:
    """Proposals that wait can still be confirmed; those decided are told by the audit trail."""
    columns = ("id", "caller", "rights", "proposed_by", "proposed_at", "state")
    proposals = sa.table("caller_proposals", *map(sa.column, columns))
    waiting = sa.select(proposals).where(proposals.c.state == "proposed").order_by(proposals.c.id)
    for row in op.get_bind().execute(waiting).all():
        asked = {
            "action": "callers:rights",
            "subject": row.caller,
            "reference": "-",
            "content": row.rights,
            "requested_by": row.proposed_by,
            "requested_at": row.proposed_at,
            "expires_at": instant(parse_instant(row.proposed_at) + CONFIRM_WITHIN),
            "state": "requested",
        }
        op.get_bind().execute(sa.insert(approvals), asked)
    op.drop_table("caller_proposals")
