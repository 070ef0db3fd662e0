"""Who may call: agencies, callers with their unit and role, their keys, and assertions heard."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, String, Table, Text

from gateway.store.columns import instant_text, metadata

agencies = Table(
    "agencies",
    metadata,
    Column("code", String(32), primary_key=True, comment="electronic agency code, short spelling (QĐ 20/2020)"),
    Column("name", String(200), nullable=False),
    Column("created_at", instant_text(), nullable=False),
)

callers = Table(
    "callers",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("kind", String(8), nullable=False, comment="client or person"),
    Column("agency", String(32), nullable=False),
    Column("unit", String(8), nullable=False, comment="province or commune code: the authority of the role"),
    Column("role", String(24), nullable=False, comment="gateway/permissions/roles.csv"),
    Column("tier", String(16), nullable=False, comment="how much it may ask in a while"),
    Column("addresses", Text, nullable=False, comment="JSON list of networks it may call from; empty: any"),
    Column("state", String(12), nullable=False),
    Column("created_at", instant_text(), nullable=False),
    Column("changed_at", instant_text(), nullable=False),
    Column("tokens_after", instant_text(), nullable=False, comment="tokens issued before are void"),
    CheckConstraint("kind IN ('client', 'person')", name="kind"),
    CheckConstraint("state IN ('active', 'disabled')", name="state"),
)

caller_keys = Table(
    "caller_keys",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("caller", String(64), nullable=False),
    Column("kind", String(8), nullable=False, comment="cli: shown once; lgsp: AccessKey and SecretKey; jwk: public"),
    Column("digest", LargeBinary, nullable=True, comment="SHA-256 of 256 random bits; null for a public key"),
    Column("jwk", Text, nullable=True, comment="JSON Web Key (RFC 7517), public members only"),
    Column("created_at", instant_text(), nullable=False),
    Column("expires_at", instant_text(), nullable=True),
    Column("withdrawn_at", instant_text(), nullable=True),
    CheckConstraint("kind IN ('cli', 'lgsp', 'jwk')", name="kind"),
)
Index("ix_caller_keys_caller", caller_keys.c.caller)

assertions_heard = Table(
    "assertions_heard",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="of client and jti: an assertion is believed once"),
    Column("expires_at", instant_text(), nullable=False),
)
