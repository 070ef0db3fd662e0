"""A thousand people go through every door and fault, and then nothing tells of them in clear (requirement 35)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import psycopg
import pytest
from sqlalchemy import make_url

from gateway.stream.kafka import KafkaSettings, topics
from ops.local.kafka import LocalKafka
from ops.local.postgres import LocalPostgres
from tests.canary.house import CanaryHouse
from tests.canary.marks import digests_of, marks_of
from tests.canary.people import CONTROL, PEOPLE, SEED, canary
from tests.canary.places import in_folder, in_kafka, in_postgresql, in_sqlite, plant_in_folder
from tests.canary.search import Hit, Search
from tests.canary.story import tell

_SHOWN_MAX: Final = 12
_KINDS: Final = {"database file", "write-ahead log", "dump", "log", "kept planted", "temporary", "progress journal"}


@pytest.fixture(scope="module")
def search() -> Search:
    people = [canary(SEED, index) for index in (*range(PEOPLE), CONTROL)]
    return Search(marks_of(people), digests_of(people))


def _judge(found: Sequence[Hit], *kinds: str) -> None:
    """Whoever was planted is found in each kind of place, and nobody else anywhere."""
    planted = {hit.place for hit in found if hit.whose == CONTROL}
    assert planted >= _KINDS | set(kinds)
    leaks = [hit for hit in found if hit.whose != CONTROL]
    counted = Counter((hit.place, hit.kind, hit.encoding) for hit in leaks)
    shown = {(hit.place, hit.kind): hit.around for hit in leaks}
    assert not leaks, "\n".join(map(str, [*counted.most_common(_SHOWN_MAX), *list(shown.items())[:_SHOWN_MAX]]))


@contextmanager
def _broken_sqlite(file: Path) -> Iterator[None]:
    trigger = "CREATE TRIGGER broken BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'planted'); END"
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        connection.execute(trigger)
        connection.commit()
    yield
    with closing(sqlite3.connect(file, timeout=30)) as connection:
        connection.execute("DROP TRIGGER broken")
        connection.commit()


def test_requirement_35_a_thousand_people_leave_no_trace_in_clear_on_sqlite(tmp_path: Path, search: Search) -> None:
    file = tmp_path / "lgsp.sqlite3"
    with CanaryHouse(tmp_path, f"sqlite:///{file}", {}) as house:
        tell(house, partial(_broken_sqlite, file))
        plant_in_folder(tmp_path)
        found = in_sqlite(search, file)
    _judge(found)


@contextmanager
def _broken_postgresql(conninfo: str) -> Iterator[None]:
    """The database says which row it would not take, as it does of a broken constraint."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        raises = "BEGIN RAISE EXCEPTION 'planted: %', NEW::text; END"
        connection.execute(f"CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $${raises}$$")
        connection.execute("CREATE TRIGGER broken BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION broken()")
        yield
        connection.execute("DROP TRIGGER broken ON entries")


def test_requirement_35_a_thousand_people_leave_no_trace_in_clear_on_postgresql_and_kafka(
    tmp_path: Path, search: Search
) -> None:
    with ExitStack() as until_the_end:
        server = until_the_end.enter_context(LocalPostgres())
        broker = until_the_end.enter_context(LocalKafka(tmp_path / "broker"))
        asyncio.run(topics.apply(KafkaSettings(broker.bootstrap_servers, replication=1)))
        url = server.create_database("lgsp")
        conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        folder = tmp_path / "house"
        folder.mkdir()
        settings = {"LGSP_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers}
        with CanaryHouse(folder, url, settings) as house:
            tell(house, partial(_broken_postgresql, conninfo))
            plant_in_folder(folder)
        found = in_folder(search, folder)
        found += in_postgresql(search, conninfo, server.directory)
        found += in_kafka(search, broker.bootstrap_servers, tmp_path / "broker", broker.directory)
    _judge(found, "pg_dump", "server log", "Kafka segments", "Kafka records")
