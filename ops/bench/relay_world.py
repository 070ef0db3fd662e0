"""What row 3 needs beside each other: PostgreSQL with logical decoding, Kafka, Debezium at work, and our tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psycopg
from sqlalchemy import make_url

from contracts.topics import WORKER_CHANGED
from gateway.store import migrations
from ops.bench.backlog import OUTBOX
from ops.bench.broker import broker, make_topic
from ops.bench.debezium import CONNECTOR, TOPIC, Debezium
from ops.local.postgres import LocalPostgres

_LOGICAL: Final = {"wal_level": "logical", "max_wal_senders": "4", "max_replication_slots": "4"}


@dataclass(frozen=True, slots=True)
class World:
    """`url`: SQLAlchemy's; `conninfo`: the same for psycopg. Our tables and Debezium's outbox are in one database."""

    folder: Path
    url: str
    conninfo: str
    servers: str
    debezium: Debezium

    def slot_is_read(self) -> bool:
        """Whether Debezium's task is at its replication slot."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            query = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
            return bool((connection.execute(query, (CONNECTOR,)).fetchone() or (False,))[0])


@contextmanager
def relay_world(topics: tuple[str, ...]) -> Iterator[World]:
    """Everything durable and ready. Raises RuntimeError when Debezium does not come up."""
    with (
        TemporaryDirectory(prefix="lgsp-bench-") as name,
        LocalPostgres(durable=True, tcp=True, settings=_LOGICAL) as postgres,
        broker() as kafka,
    ):
        folder, servers, url = Path(name), kafka.bootstrap_servers, postgres.create_database("relay")
        for topic in (WORKER_CHANGED.name, TOPIC, *topics):
            make_topic(servers, topic)
        migrations.upgrade(url)
        conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(OUTBOX)
        world = World(folder, url, conninfo, servers, Debezium(folder, servers, url))
        try:
            world.debezium.wait_until_ready(world.slot_is_read)
            yield world
        finally:
            world.debezium.stop()
