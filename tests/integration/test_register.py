"""The register by HTTP and by the command line: what is written, in which order, by whom, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest

from gateway.cli.exit_codes import ExitCode
from gateway.cli.terminal import call
from gateway.clock import system_clock
from gateway.permissions import Caller
from gateway.register import Register
from gateway.security.keyring import Keyring
from gateway.security.sealing import Vault
from gateway.store import register
from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from gateway.store.records import RecordReader
from tests.integration.api_door import ApiDoor
from tests.integration.callers_world import administrators, door, person

__all__ = ["administrators", "door"]
Officers = tuple[httpx.Client, httpx.Client]
NOBODY: Final = "00000000-0000-4000-8000-000000000000"
INCIDENT: Final = {"kind": "disclosure", "detected_at": "2026-01-05T08:00:00+07:00", "people": 3, "reference": "SC-1"}
REQUEST: Final = {"kind": "access", "worker_id": NOBODY, "received_at": "2026-07-03T08:00:00+07:00", "reference": "YC"}


@pytest.fixture(scope="module")
def officer(door: ApiDoor, administrators: Officers) -> httpx.Client:
    assert administrators
    return person(door, "keeps-the-register", role="province_officer")


@pytest.fixture(scope="module")
def auditor(door: ApiDoor, administrators: Officers) -> httpx.Client:
    assert administrators
    return person(door, "reads-the-register", role="auditor")


@pytest.fixture(scope="module")
def worker(door: ApiDoor) -> str:
    answer = door.http.post("/v1/entries", json=door.entry())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["worker_id"])


def made(by: httpx.Client, path: str, body: object) -> dict[str, Any]:
    answer = by.post(f"/v1/register/{path}", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def now_minus(**length: float) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(**length)).isoformat()


def stepped(by: httpx.Client, case: str, step: str, reference: str = "CV-9") -> tuple[int, str]:
    answer = by.post(f"/v1/register/cases/{case}/steps", json={"step": step, "reference": reference})
    return answer.status_code, str(answer.json().get("code") or answer.json()["state"])


def test_an_incident_has_72_hours_and_its_steps_in_order(officer: httpx.Client) -> None:
    case = made(officer, "incidents", {**INCIDENT, "detected_at": now_minus(hours=70.5)})
    assert (case["next_step"], case["remaining"]) == (
        "reported",
        {"overdue": False, "amount": 1, "unit": "hours"},
    )
    number = case["case"]
    assert stepped(officer, number, "closed") == (409, "register-step-order")
    assert stepped(officer, number, "acknowledged") == (409, "register-step-order")
    assert stepped(officer, number, "reported") == (200, "reported")
    assert stepped(officer, number, "reported") == (409, "register-step-order")
    assert stepped(officer, number, "closed") == (200, "closed")
    assert stepped(officer, number, "closed") == (409, "register-step-order")
    shown = officer.get(f"/v1/register/cases/{number}").json()
    assert [(one["step"], one["by"]) for one in shown["steps"]] == [
        ("reported", "keeps-the-register"),
        ("closed", "keeps-the-register"),
    ]
    assert (shown["due_at"], shown["remaining"], shown["next_step"]) == (None, None, None)


def test_a_request_is_acknowledged_before_it_is_closed(officer: httpx.Client, worker: str) -> None:
    case = made(officer, "requests", {**REQUEST, "worker_id": worker})
    assert (case["due_at"], case["calendar"]) == ("2026-07-07T17:00:00.000000Z", "announced")
    assert stepped(officer, case["case"], "closed") == (409, "register-step-order")
    assert stepped(officer, case["case"], "reported") == (409, "register-step-order")
    assert stepped(officer, case["case"], "acknowledged") == (200, "acknowledged")
    later = officer.get(f"/v1/register/cases/{case['case']}").json()
    assert (later["next_step"], later["due_at"]) == ("closed", "2026-07-17T17:00:00.000000Z")
    assert stepped(officer, case["case"], "closed") == (200, "closed")


def test_what_is_overdue_most_stands_first_and_what_is_closed_last(officer: httpx.Client, worker: str) -> None:
    late = made(officer, "incidents", INCIDENT)["case"]
    young = made(officer, "requests", {**REQUEST, "worker_id": worker, "received_at": now_minus(minutes=1)})["case"]
    done = made(officer, "incidents", INCIDENT)["case"]
    assert stepped(officer, done, "reported") == (200, "reported")
    assert stepped(officer, done, "closed") == (200, "closed")
    everything = [one["case"] for one in officer.get("/v1/register").json()["items"]]
    assert everything.index(late) < everything.index(young) < everything.index(done)
    only_open = [one["case"] for one in officer.get("/v1/register?open=true").json()["items"]]
    assert {late, young} <= {*only_open}
    assert done not in only_open
    overdue = officer.get("/v1/register?overdue=true").json()["items"]
    assert all(one["remaining"]["overdue"] for one in overdue)
    assert late in [one["case"] for one in overdue]
    assert young not in [one["case"] for one in overdue]


@pytest.mark.parametrize(
    ("path", "change", "status", "code"),
    [
        ("incidents", {"kind": "correction"}, 422, "register-kind-unknown"),
        ("requests", {"kind": "disclosure"}, 422, "register-kind-unknown"),
        ("incidents", {"detected_at": "2199-01-01T00:00:00Z"}, 422, "register-in-future"),
        ("requests", {"received_at": "2199-01-01T00:00:00Z"}, 422, "register-in-future"),
        ("incidents", {"detected_at": "2026-01-05T08:00:00"}, 422, "shape-invalid"),
        ("incidents", {"detected_at": 7}, 422, "wrong-type"),
        ("incidents", {"people": -1}, 422, "shape-invalid"),
        ("incidents", {"people": True}, 422, "wrong-type"),
        ("incidents", {"people": None}, 422, "shape-invalid"),
        ("incidents", {"reference": "012090000001"}, 422, "register-reference-invalid"),
        ("incidents", {"reference": "Nguyễn Văn A"}, 422, "register-reference-invalid"),
        ("incidents", {"note": "x"}, 422, "unknown-field"),
        ("requests", {"note": "x"}, 422, "unknown-field"),
        ("requests", {"worker_id": NOBODY}, 404, "worker-not-found"),
        ("requests", {"worker_id": "012090000001"}, 404, "worker-not-found"),
    ],
)
def test_what_is_wrong_is_refused_and_not_written(
    officer: httpx.Client, worker: str, path: str, change: dict[str, object], status: int, code: str
) -> None:
    """Requirement 4, for the register: free text, or a person's number as a reference, has no way in."""
    before = officer.get("/v1/register").json()["items"]
    body = {**(INCIDENT if path == "incidents" else {**REQUEST, "worker_id": worker}), **change}
    answer = officer.post(f"/v1/register/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "012090000001" not in answer.text
    after = officer.get("/v1/register").json()["items"]
    assert [one["case"] for one in after] == [one["case"] for one in before]


@pytest.mark.parametrize("case", ["I-999999", "R-999999", "X-1", "I-0", "I-01", "7", "I-99999999999", "incidents"])
def test_a_number_that_is_not_there_is_not_found(officer: httpx.Client, case: str) -> None:
    answer = officer.get(f"/v1/register/cases/{case}")
    assert (answer.status_code, answer.json()["code"]) == (404, "case-not-found")
    assert stepped(officer, case, "closed") == (404, "case-not-found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"step": "closed"}, "shape-invalid"),
        ({"step": "opened", "reference": "x"}, "shape-invalid"),
        ({"step": "closed", "reference": "x", "why": "y"}, "unknown-field"),
        ({"step": "closed", "reference": "012090000001"}, "register-reference-invalid"),
        ([], "wrong-type"),
    ],
)
def test_a_step_says_what_and_by_which_file_and_nothing_else(officer: httpx.Client, body: object, code: str) -> None:
    answer = officer.post("/v1/register/cases/I-1/steps", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_requirement_2_an_auditor_reads_and_writes_nothing(officer: httpx.Client, auditor: httpx.Client) -> None:
    number = made(officer, "incidents", INCIDENT)["case"]
    assert auditor.get(f"/v1/register/cases/{number}").status_code == 200
    assert auditor.post("/v1/register/incidents", json=INCIDENT).json()["code"] == "permission-missing"
    assert stepped(auditor, number, "reported") == (403, "permission-missing")


def test_requirement_2_a_commune_and_an_operator_see_no_register(door: ApiDoor, officer: httpx.Client) -> None:
    for name, role, unit in (("of-a-commune", "commune_officer", "03388"), ("on-duty", "operator", "12")):
        caller = person(door, name, role=role, unit=unit)
        answer = caller.get("/v1/register")
        assert (answer.status_code, answer.json()["code"]) == (403, "permission-missing")


def test_every_act_is_in_the_audit_trail(
    door: ApiDoor, officer: httpx.Client, auditor: httpx.Client, worker: str
) -> None:
    incident = made(officer, "incidents", INCIDENT)["case"]
    request = made(officer, "requests", {**REQUEST, "worker_id": worker})["case"]
    assert stepped(officer, incident, "reported") == (200, "reported")
    assert officer.get(f"/v1/register/cases/{request}").status_code == 200
    wanted = {
        ("register:incident_added", incident),
        ("register:request_added", request),
        ("register:step_taken", incident),
        ("worker:listed", "register"),
    }
    deadline = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    seen: set[tuple[str, str]] = set()
    while not wanted <= seen and dt.datetime.now(dt.UTC) < deadline:
        rows = auditor.get("/v1/audit/rows?limit=5000").json()["items"]
        seen = {(one["action"], one["subject"]) for one in rows if one["kind"] == "row"}
    assert wanted <= seen


def test_what_is_overdue_is_listed_however_many_newer_cases_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alarm counts all of them, and whoever follows it must find them."""
    monkeypatch.setattr(register, "SHOWN_MAX", 3)
    upgrade(url := f"sqlite:///{tmp_path / 'register.sqlite3'}")
    database = Database(url)
    officer = Caller("officer", "H35", "12", "province_officer", "office")
    room = Register(database, RecordReader(database, Vault(Keyring.generate())), system_clock)
    late = system_clock() - dt.timedelta(hours=80)
    first = room.add_incident("loss", late, 1, "SC-1", officer)
    for number in range(5):
        room.add_incident("loss", system_clock() - dt.timedelta(minutes=1), 1, f"SC-{number + 2}", officer)
    assert room.overdue()["incident"] == 1
    assert [one.case.id for one in room.cases(officer, overdue_only=True)] == [first.case.id]
    assert room.cases(officer, open_only=True)[0].case.id == first.case.id
    database.close()


def said(door: ApiDoor, by: httpx.Client, *typed: str, lang: str = "vi") -> int:
    token = by.headers["Authorization"].removeprefix("Bearer ")
    return call([*typed, "--lang", lang, "--url", f"http://127.0.0.1:{door.port}", "--token", token])


def test_the_command_line_keeps_the_register_in_both_languages(
    door: ApiDoor,
    officer: httpx.Client,
    worker: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    detected = now_minus(hours=74.5)
    line = ("incident", "--kind", "loss", "--detected-at", detected, "--people", "2", "--reference", "SC-7")
    assert said(door, officer, "register", *line) == ExitCode.OK
    out = capsys.readouterr().out
    number = out.split("I-")[1].split(".")[0]
    assert "quá hạn 3 giờ" in out
    assert said(door, officer, "register", "list", "--overdue", lang="en") == ExitCode.OK
    assert "overdue by 3 h" in capsys.readouterr().out
    assert said(door, officer, "register", "step", f"i-{number}", "closed", "--reference", "BC-1") != ExitCode.OK
    assert "reported" in capsys.readouterr().err
    assert said(door, officer, "register", "step", f"I-{number}", "reported", "--reference", "BC-1") == ExitCode.OK
    assert said(door, officer, "register", "show", f"I-{number}") == ExitCode.OK
    assert "BC-1" in capsys.readouterr().out


def test_the_command_line_says_how_sure_the_calendar_is(
    door: ApiDoor, officer: httpx.Client, worker: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ("request", "--kind", "erasure", "--worker", worker, "--received-at", "05/07/2021 08:00")
    assert said(door, officer, "register", *line, "--reference", "YC-3", lang="en") == ExitCode.OK
    out = capsys.readouterr().out
    assert "does not know that year's lunar holidays" in out
    assert said(door, officer, "register", *line, "--reference", "YC-4", "--json") == ExitCode.OK
    case = orjson.loads(capsys.readouterr().out)
    assert (case["calendar"], case["worker_id"]) == ("fixed", worker)
