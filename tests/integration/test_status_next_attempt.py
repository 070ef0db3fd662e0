"""The status names a next attempt only where one is to come: a settled row keeps the instant of the last one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.store import schema
from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from gateway.store.reported import UPSERT
from gateway.store.target_rows import counts

WORKER = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
KEY = "0b7e1a52-6a1e-4f55-9d0b-0f7f0d3c7a11"
AT = "2026-07-05T01:00:00.000000Z"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    upgrade(database_url)
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("due", AT),
        ("unknown", AT),
        ("sending", AT),
        ("settled", None),
        ("parked", None),
        ("waiting_for_identity", None),
        ("not_concerned", None),
    ],
)
def test_only_rows_with_work_before_them_have_a_next_attempt(
    database: Database, state: str, expected: str | None
) -> None:
    row = {"worker_id": WORKER, "target": "population", "at": AT, "held_hash": b"x", "key_id": KEY, "held": b"box"}
    with database.write() as connection:
        connection.execute(UPSERT, row)
        connection.execute(schema.target_states.update().values(state=state))
    with database.read() as connection:
        (waiting,) = counts(connection)
    assert (waiting.state, waiting.people, waiting.next_attempt_at) == (state, 1, expected)
