"""The HTTP door of erasures: who may ask, who may confirm, and what happens to the person."""

from __future__ import annotations

import io

import httpx
import orjson
import pytest

from gateway.cli.exit_codes import ExitCode
from gateway.cli.terminal import call
from tests.integration.api_door import ApiDoor
from tests.integration.callers_world import administrators, door, person

__all__ = ["administrators", "door"]
Officers = tuple[httpx.Client, httpx.Client]


@pytest.fixture(scope="module")
def officers(door: ApiDoor, administrators: Officers) -> Officers:
    assert administrators
    first, second = (person(door, name, role="province_officer") for name in ("asks", "confirms"))
    return first, second


def known(door: ApiDoor) -> str:
    answer = door.http.post("/v1/entries", json=door.entry())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["worker_id"])


def test_requirement_6_the_same_person_cannot_ask_and_confirm(door: ApiDoor, officers: Officers) -> None:
    worker, (first, second) = known(door), officers
    asked = first.post("/v1/erasures", json={"worker_id": worker})
    assert (asked.status_code, asked.json()["state"]) == (202, "requested")
    path = f"/v1/erasures/{asked.json()['erasure']}/confirm"
    alone = first.post(path)
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person-needed")
    assert door.http.get(f"/v1/workers/{worker}").status_code == 200
    assert second.post(path).json() == {"erasure": asked.json()["erasure"], "worker_id": worker, "state": "confirmed"}
    assert door.http.get(f"/v1/workers/{worker}").status_code == 404
    again = second.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "approval-already-decided")
    (listed,) = [one for one in second.get("/v1/erasures").json()["items"] if one["worker_id"] == worker]
    assert (listed["state"], listed["requested_by"], listed["decided_by"]) == ("confirmed", "asks", "confirms")


def test_requirement_6_the_installations_token_is_one_person_too(door: ApiDoor) -> None:
    asked = door.http.post("/v1/erasures", json={"worker_id": known(door)}).json()
    alone = door.http.post(f"/v1/erasures/{asked['erasure']}/confirm")
    assert (alone.status_code, alone.json()["code"]) == (403, "second-person-needed")


def test_an_entry_about_the_erased_is_refused_and_stores_nothing(door: ApiDoor, officers: Officers) -> None:
    entry = door.entry()
    worker = door.http.post("/v1/entries", json=entry).json()["worker_id"]
    asked = officers[0].post("/v1/erasures", json={"worker_id": worker}).json()
    assert officers[1].post(f"/v1/erasures/{asked['erasure']}/confirm").status_code == 200
    answer = door.http.post("/v1/entries", json=entry)
    assert (answer.status_code, answer.json()["code"]) == (422, "person-erased")
    number = entry["fields"]["so_dinh_danh"]
    assert number not in answer.text
    found = door.http.post("/v1/workers/lookup", json={"personal_number": number})
    assert found.json()["items"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "shape-invalid"),
        ([], 422, "wrong-type"),
        ({"worker_id": 7}, 422, "wrong-type"),
        ({"worker_id": "012090000001"}, 404, "worker-not-found"),
        ({"worker_id": "00000000-0000-4000-8000-000000000000"}, 404, "worker-not-found"),
        ({"worker_id": "00000000-0000-4000-8000-000000000000", "by": "x"}, 422, "unknown-field"),
    ],
)
def test_what_names_nobody_is_refused(door: ApiDoor, body: object, status: int, code: str) -> None:
    answer = door.http.post("/v1/erasures", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nobody_is_asked_for_without_a_purpose(door: ApiDoor) -> None:
    headers = {"LGSP-Purpose": "", "LGSP-Purpose-Reference": ""}
    answer = door.http.post("/v1/erasures", json={"worker_id": known(door)}, headers=headers)
    assert answer.json()["code"] == "purpose-missing"


def said(door: ApiDoor, by: httpx.Client, *typed: str) -> int:
    token = by.headers["Authorization"].removeprefix("Bearer ")
    return call([*typed, "--lang", "en", "--url", f"http://127.0.0.1:{door.port}", "--token", token])


def test_the_command_line_reads_the_number_from_standard_input(
    door: ApiDoor, officers: Officers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Requirement 28: a number among the arguments would stand in the process list and in the shell's history."""
    entry = door.entry()
    worker = door.http.post("/v1/entries", json=entry).json()["worker_id"]
    why = ("--purpose", "request", "--reference", "HS-17")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{entry['fields']['so_dinh_danh']}\n"))
    assert said(door, officers[0], "people", "erase", *why, "--json") == ExitCode.OK
    asked = orjson.loads(capsys.readouterr().out)
    assert asked["worker_id"] == worker
    assert said(door, officers[1], "people", "erase-confirm", str(asked["erasure"])) == ExitCode.OK
    assert f"request {asked['erasure']} is erased" in capsys.readouterr().out
    assert door.http.get(f"/v1/workers/{worker}").status_code == 404
    assert said(door, officers[0], "people", "erasures", "--json") == ExitCode.OK
    assert worker in capsys.readouterr().out


def test_the_command_line_ends_a_request_and_erases_nobody(
    door: ApiDoor, officers: Officers, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = known(door)
    why = ("--purpose", "request", "--reference", "HS-18")
    assert said(door, officers[0], "people", "erase", worker, *why, "--json") == ExitCode.OK
    number = str(orjson.loads(capsys.readouterr().out)["erasure"])
    assert said(door, officers[1], "people", "erase-refuse", number) == ExitCode.OK
    assert door.http.get(f"/v1/workers/{worker}").status_code == 200


@pytest.mark.parametrize("typed", ["", "012099999999\n"])
def test_without_exactly_one_person_nothing_is_asked(
    door: ApiDoor, officers: Officers, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    before = officers[0].get("/v1/erasures").json()
    why = ("--purpose", "request", "--reference", "HS-19")
    assert said(door, officers[0], "people", "erase", *why) == ExitCode.USAGE
    assert officers[0].get("/v1/erasures").json() == before
