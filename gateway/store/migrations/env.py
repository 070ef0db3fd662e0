"""What Alembic runs: the connection comes from `gateway.store.migrations`, with its lock already taken.

On PostgreSQL each migration is a transaction of its own, so that none is left half done and locks are held briefly. On
SQLite the caller's one IMMEDIATE transaction holds them all, because it is the only lock there is.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from gateway.store.schema import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
