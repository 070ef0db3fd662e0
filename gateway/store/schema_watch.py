"""The tables of the watcher: the gaps that are open, and how far it has come."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from gateway.store.columns import instant_text, metadata, uuid_text

watch_gaps = Table(
    "watch_gaps",
    metadata,
    Column("alarm", String(32), primary_key=True, comment="its name, and its page in ops/runbooks/watch.md"),
    Column("subject", String(96), primary_key=True, comment="what it is about: worker, version, target"),
    Column("worker_id", uuid_text(), nullable=True),
    Column("version", Integer, nullable=True),
    Column("target", String(24), nullable=True),
    Column("found_at", instant_text(), nullable=False),
    Column("detail", Text, nullable=False, comment="for people; names nobody"),
)

watch_state = Table(
    "watch_state",
    metadata,
    Column("name", String(24), primary_key=True),
    Column("value", Text, nullable=False, comment="JSON"),
    Column("saved_at", instant_text(), nullable=False),
)
