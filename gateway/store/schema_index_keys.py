"""By which key people are found, and what takes the place of each index while that key rotates."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary, SmallInteger, String, Table

from gateway.store.columns import instant_text, metadata

index_keys = Table(
    "index_keys",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False, comment="1: there is one row"),
    Column("key_id", String(16), nullable=False, comment="the index key in force"),
    Column("since", instant_text(), nullable=False),
    CheckConstraint("one = 1", name="one"),
)

identifier_rehashes = Table(
    "identifier_rehashes",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, comment="in worker_identifiers"),
    Column("index", LargeBinary, nullable=False, comment="by the key that comes"),
    Column("key_id", String(16), nullable=False, comment="which key that is"),
)
