"""What every table is made of: the one metadata, and the three kinds of column that differ between the databases."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData, String, Uuid
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def uuid_text() -> TypeEngine[str]:
    """An id: a UUID, as text in Python."""
    return Uuid(as_uuid=False)


def instant_text() -> TypeEngine[str]:
    """An instant in UTC, `2026-07-05T01:02:03.000004Z`."""
    return String(27)


def serial() -> TypeEngine[int]:
    """A number that the database gives."""
    # SQLite only autoincrements a column declared exactly INTEGER PRIMARY KEY.
    return BigInteger().with_variant(Integer, "sqlite")
