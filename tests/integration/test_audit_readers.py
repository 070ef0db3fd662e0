"""Requirement 37: whoever is shown a person leaves a row: who, for what and whom; it is found by person."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from gateway.audit.reading import READS, Reading, subjects_of
from gateway.cli.exit_codes import ExitCode
from gateway.cli.terminal import call
from gateway.store import audit
from gateway.store.audit_subjects import AuditSubjects
from tests.integration.api_door import TOKEN, ApiDoor, check_problem, opened
from tests.integration.audit_world import AuditWorld

MAI: Final = "12345678-0000-4000-8000-000000000001"
TOAN: Final = "12345678-0000-4000-8000-000000000002"
WITHIN_S: Final = 30.0
OFFICER: Final = Reading("officer", "03388", "commune-officer", "survey", "12/QD-2026")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[ApiDoor]:
    with opened(tmp_path_factory.mktemp("readers"), module_database_url) as made:
        yield made


@pytest.fixture
def world(database_url: str) -> Iterator[AuditWorld]:
    made = AuditWorld(database_url)
    yield made
    made.database.close()


def reads(door: ApiDoor, worker_id: str, wanted: set[str]) -> list[dict[str, Any]]:
    """Who read this person, once these actions are in the chain."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        answer = door.http.get(f"/v1/workers/{worker_id}/readers", params={"limit": 500})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        if wanted <= {one["action"] for one in found}:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def test_every_route_that_shows_a_person_leaves_a_row_requirement_37(door: ApiDoor) -> None:
    entry = door.entry()
    receipt = door.http.post("/v1/entries", json=entry).json()
    worker_id = receipt["worker_id"]
    number = {"personal_number": entry["fields"]["so_dinh_danh"]}
    assert door.http.post("/v1/workers/lookup", json=number).json()["items"][0]["worker_id"] == worker_id
    for path in ("", "?reveal=true", "/history", "/observations"):
        assert door.http.get(f"/v1/workers/{worker_id}{path}").status_code == 200
    assert door.http.get(f"/v1/entries/{receipt['id']}").status_code == 200
    assert door.http.get("/v1/events", params={"wait_s": 20}).json()["items"]
    by_path = {
        "worker:looked_up",
        "worker:read",
        "worker:revealed",
        "worker:history_read",
        "worker:observations_read",
        "entry:read",
        "worker:listed",
        "worker:readers_read",
    }
    found = reads(door, worker_id, by_path)
    assert {(one["actor"], one["unit"], one["role"]) for one in found} == {("local", "12", "installation")}
    positions = [one["position"] for one in found]
    assert positions == sorted(positions, reverse=True)


def test_whoever_was_not_shown_has_no_readers_and_a_stranger_is_not_found(door: ApiDoor) -> None:
    unseen = door.http.post("/v1/entries", json=door.entry()).json()["worker_id"]
    found = reads(door, unseen, {"worker:readers_read"})
    assert {one["action"] for one in found} <= {"worker:readers_read", "worker:listed"}
    check_problem(door.http.get(f"/v1/workers/{MAI}/readers"), 404, "worker-not-found")


def test_a_read_says_unit_role_purpose_and_reference_requirement_37(world: AuditWorld) -> None:
    with world.database.write() as connection:
        told = OFFICER.told(found=2, worker_ids=[MAI, TOAN])
        audit.add(connection, "2026-07-05T01:02:03.000004Z", OFFICER.name, "worker:looked_up", "-", told)
        audit.add(connection, "2026-07-05T01:02:04.000004Z", "other", "worker:read", TOAN, Reading("other").told())
    world.chainer.step()
    subjects = AuditSubjects(world.database)
    (one,) = subjects.reads_of(MAI)
    assert (one.actor, one.unit, one.role, one.purpose, one.reference) == tuple(
        getattr(OFFICER, name) for name in ("name", "unit", "role", "purpose", "reference")
    )
    newest, oldest = subjects.reads_of(TOAN)
    assert (newest.actor, oldest.actor) == ("other", "officer")
    assert subjects.reads_of(TOAN, before=newest.position) == [oldest]
    assert subjects.reads_of(TOAN, limit=1) == [newest]


def test_only_rows_that_tell_of_a_reading_name_whom() -> None:
    assert subjects_of("entry:accepted", MAI, json.dumps({"worker_ids": [MAI]})) == []
    assert subjects_of("worker:listed", "events", json.dumps({"worker_ids": [TOAN, MAI, "x", 5]})) == [MAI, TOAN]
    assert subjects_of("worker:looked_up", MAI, json.dumps({"worker_ids": [MAI]})) == [MAI]
    assert {"worker:revealed", "worker:listed", "entry:read"} <= READS


def test_the_command_line_says_in_vietnamese_who_read(
    door: ApiDoor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worker_id = door.http.post("/v1/entries", json=door.entry()).json()["worker_id"]
    assert door.http.get(f"/v1/workers/{worker_id}", params={"reveal": "true"}).status_code == 200
    reads(door, worker_id, {"worker:revealed"})
    where = ["--lang", "vi", "--url", f"http://127.0.0.1:{door.port}", "--token", TOKEN]
    monkeypatch.setenv("COLUMNS", "240")
    monkeypatch.setenv("LGSP_PURPOSE", "request")
    monkeypatch.setenv("LGSP_PURPOSE_REFERENCE", "HS-1")
    assert call(["audit", "who-read", worker_id, *where]) == ExitCode.OK
    said = capsys.readouterr().out
    assert "Người xem" in said
    assert "Hồ sơ, đầy đủ định danh" in said
    assert call(["audit", "who-read", worker_id, "--before", "1", "--json", *where]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["items"] == []
