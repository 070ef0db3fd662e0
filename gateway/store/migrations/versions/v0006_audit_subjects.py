"""Who was shown to whom is found by person; what the chain tells already is entered."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ROWS_AT_ONCE = 5_000
UUID_LENGTH = 36
READ_BEFORE = ("worker:looked_up", "worker:read", "worker:revealed", "worker:observations_read")


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    table = op.create_table(
        "audit_subjects",
        sa.Column("worker_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False, comment="in audit_chain"),
        sa.PrimaryKeyConstraint("worker_id", "position", name="pk_audit_subjects"),
    )
    chain = sa.table("audit_chain", *map(sa.column, ("position", "action", "subject", "detail")))
    reads = sa.select(chain).where(chain.c.action.in_(READ_BEFORE)).order_by(chain.c.position).limit(ROWS_AT_ONCE)
    connection, after = op.get_bind(), 0
    while found := connection.execute(reads.where(chain.c.position > after)).all():
        shown = [{"worker_id": one, "position": row.position} for row in found for one in _shown(row)]
        if shown:
            connection.execute(sa.insert(table), shown)
        after = found[-1].position


def _shown(row: sa.Row[tuple[int, str, str, str]]) -> set[str]:
    named = {row.subject, *(orjson.loads(row.detail).get("worker_ids") or ())}
    return {one for one in named if len(one) == UUID_LENGTH}
