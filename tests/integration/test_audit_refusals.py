"""What is refused leaves a row of its own; and without a trail nothing is allowed (requirements 37, 42)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text

from gateway.clock import system_clock
from gateway.reads.refusals import ANONYMOUS, RefusalLog
from gateway.store.audit import AuditWriter
from gateway.store.engine import Database
from tests.integration.api_door import ApiDoor, check_problem, opened
from tests.integration.audit_world import AuditWorld

WITHIN_S: Final = 30.0
NOBODY: Final = "00000000-0000-4000-8000-000000000000"
WRONG: Final = {"Authorization": "Bearer wrong"}


@pytest.fixture
def world(database_url: str) -> Iterator[AuditWorld]:
    made = AuditWorld(database_url)
    yield made
    made.database.close()


@pytest.fixture
def door(tmp_path: Path, database_url: str) -> Iterator[ApiDoor]:
    with opened(tmp_path, database_url) as made:
        yield made


def refusals(door: ApiDoor, count: int) -> list[dict[str, Any]]:
    """The rows of refusals, once the chain has so many."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        items = door.http.get("/v1/audit/rows", params={"limit": 5_000}).json()["items"]
        found = [one for one in items if one["kind"] == "row" and one["action"] == "access:refused"]
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def test_a_wrong_token_a_malformed_order_and_a_missing_person_leave_rows(door: ApiDoor) -> None:
    """Requirement 37: refused access is in the trail: who, what and why."""
    check_problem(door.http.get(f"/v1/workers/{NOBODY}", headers=WRONG), 401, "token-invalid")
    check_problem(door.http.post("/v1/entries", headers=WRONG, json={}), 401, "token-invalid")
    check_problem(door.http.post("/v1/workers/lookup", json={"personal_number": "1"}), 422, "identifier-invalid")
    check_problem(door.http.get(f"/v1/workers/{NOBODY}"), 404, "worker-not-found")
    check_problem(door.http.post(f"/v1/quarantine/{NOBODY}/release", json={"reason": " "}), 422, "reason-missing")
    rows = refusals(door, 5)
    told = {(row["actor"], row["subject"], json.loads(row["detail"])["why"], row["outcome"]) for row in rows}
    assert told == {
        (ANONYMOUS, "GET /v1/workers/{worker_id}", "token-invalid", "refused"),
        (ANONYMOUS, "POST /v1/entries", "token-invalid", "refused"),
        ("local", "POST /v1/workers/lookup", "identifier-invalid", "refused"),
        ("local", "GET /v1/workers/{worker_id}", "worker-not-found", "refused"),
        ("local", "POST /v1/quarantine/{entry_id}/release", "reason-missing", "refused"),
    }
    sources = {json.loads(row["detail"])["source"] for row in rows if row["actor"] == ANONYMOUS}
    assert sources == {"127.0.0.1"}
    assert NOBODY not in json.dumps(rows)


def test_a_thousand_wrong_tokens_do_not_fill_the_trail(world: AuditWorld) -> None:
    log = RefusalLog(AuditWriter(world.database, system_clock))
    with ThreadPoolExecutor(8) as threads:
        done = [
            threads.submit(log.refused, None, "GET /v1/workers/{worker_id}", "token-invalid", "192.0.2.7")
            for _ in range(1_000)
        ]
        assert [one.result() for one in done] == [None] * 1_000
    log.flush(at_the_end=True)
    world.chainer.step()
    rows = world.chained()
    # More than two only if a minute ended meanwhile.
    assert len(rows) <= 2 * (1 + WITHIN_S)
    assert sum(json.loads(row.detail)["times"] for row in rows) == 1_000


def test_without_a_trail_a_read_and_a_refusal_are_answered_busy(door: ApiDoor, database_url: str) -> None:
    """Requirement 42: the audit store is down, so nothing is allowed."""
    worker_id = door.http.post("/v1/entries", json=door.entry()).json()["worker_id"]
    wanted = door.entry()
    database = Database(database_url)
    for name, old, new in (("down", "audit_rows", "audit_rows_away"), ("up", "audit_rows_away", "audit_rows")):
        with database.write() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
        answers = [
            door.http.get(f"/v1/workers/{worker_id}/history"),
            door.http.get(f"/v1/workers/{worker_id}", headers=WRONG),
            door.http.get(f"/v1/workers/{worker_id}", headers=WRONG),
            door.http.get("/v1/events"),
        ]
        expected = [503, 503, 503, 503] if name == "down" else [200, 401, 401, 200]
        assert [one.status_code for one in answers] == expected, name
        if name == "down":
            assert all(worker_id not in one.text for one in answers)
    database.close()
    assert door.http.post("/v1/entries", json=wanted).status_code == 201
