"""A target's report that leaves a row's state as it was does not make that state look younger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.store import schema
from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from gateway.store.reported import UPSERT

WORKER = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
KEY = "0b7e1a52-6a1e-4f55-9d0b-0f7f0d3c7a11"
EARLIER, LATER = "2026-07-05T01:00:00.000000Z", "2026-07-05T02:00:00.000000Z"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    upgrade(database_url)
    opened = Database(database_url)
    yield opened
    opened.close()


def since_after(database: Database, state: str, wanted: bytes | None, reported: bytes) -> tuple[str, str]:
    """(state, since) of a row that a report meets."""
    table = schema.target_states
    row = {"worker_id": WORKER, "target": "population", "at": EARLIER, "held_hash": b"x", "key_id": KEY, "held": b"box"}
    with database.write() as connection:
        connection.execute(UPSERT, row)
        connection.execute(table.update().values(state=state, wanted_hash=wanted, since=EARLIER))
        connection.execute(UPSERT, {**row, "at": LATER, "held_hash": reported})
        found = connection.execute(table.select()).one()
    return found.state, found.since


@pytest.mark.parametrize(
    ("state", "wanted", "reported", "expected"),
    [
        ("parked", b"ours", b"theirs", ("parked", EARLIER)),
        ("parked", b"ours", b"ours", ("settled", LATER)),
        ("waiting_for_identity", b"ours", b"theirs", ("waiting_for_identity", EARLIER)),
        ("settled", b"ours", b"ours", ("settled", EARLIER)),
        ("settled", b"ours", b"theirs", ("due", LATER)),
        ("settled", None, b"theirs", ("settled", EARLIER)),
        ("due", b"ours", b"theirs", ("due", EARLIER)),
        ("due", None, b"theirs", ("due", EARLIER)),
        ("sending", b"ours", b"ours", ("unknown", LATER)),
    ],
)
def test_since_is_the_instant_of_the_state(
    database: Database, state: str, wanted: bytes | None, reported: bytes, expected: tuple[str, str]
) -> None:
    assert since_after(database, state, wanted, reported) == expected
