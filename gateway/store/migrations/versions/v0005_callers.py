"""Callers of other agencies and people with roles, their keys, and the proposals about them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

INSTANT = sa.String(27)


def upgrade() -> None:
    """Towards the newer schema; there is no way back but a restore."""
    op.create_table(
        "agencies",
        sa.Column("code", sa.String(32), nullable=False, comment="electronic agency code, short spelling (QĐ 20/2020)"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_agencies"),
    )
    op.create_table(
        "callers",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False, comment="client or person"),
        sa.Column("agency", sa.String(32), nullable=False),
        sa.Column("unit", sa.String(8), nullable=False, comment="province or commune code: the authority of the role"),
        sa.Column("role", sa.String(24), nullable=False, comment="gateway/permissions/roles.csv"),
        sa.Column("tier", sa.String(16), nullable=False, comment="how much it may ask in a while"),
        sa.Column("addresses", sa.Text(), nullable=False, comment="JSON list of networks it may call from; empty: any"),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("tokens_after", INSTANT, nullable=False, comment="tokens issued before are void"),
        sa.CheckConstraint("kind IN ('client', 'person')", name=op.f("ck_callers_kind")),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_callers_state")),
        sa.PrimaryKeyConstraint("name", name="pk_callers"),
    )
    op.create_table(
        "caller_keys",
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column(
            "kind", sa.String(8), nullable=False, comment="cli: shown once; lgsp: AccessKey and SecretKey; jwk: public"
        ),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=True, comment="SHA-256 of 256 random bits; null for a public key"
        ),
        sa.Column("jwk", sa.Text(), nullable=True, comment="JSON Web Key (RFC 7517), public members only"),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('cli', 'lgsp', 'jwk')", name=op.f("ck_caller_keys_kind")),
        sa.PrimaryKeyConstraint("key_id", name="pk_caller_keys"),
    )
    op.create_index("ix_caller_keys_caller", "caller_keys", ["caller"])
    op.create_table(
        "caller_proposals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False, comment="JSON: what the caller is to be"),
        sa.Column("proposed_by", sa.String(64), nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'confirmed', 'refused')", name=op.f("ck_caller_proposals_state")),
        sa.PrimaryKeyConstraint("id", name="pk_caller_proposals"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "assertions_heard",
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="of client and jti: an assertion is believed once"
        ),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_assertions_heard"),
    )
