"""Pausing a target and asking who waits, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from gateway.store import schema
from gateway.store.engine import Database
from tests.integration.api_door import ApiDoor, check_problem, opened

PAUSE = "/v1/targets/labour_market/pause"
UNANSWERED = {
    "identity_hash": b"identity",
    "outcome": "no_answer",
    "differing": "[]",
    "cause": "timeout",
    "attempts": 3,
    "next_at": "2199-07-05T01:00:00.000000Z",
    "since": "2026-07-05T01:00:00.000000Z",
}
RESUME = "/v1/targets/labour_market/resume"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[ApiDoor]:
    with opened(tmp_path_factory.mktemp("door"), module_database_url) as made:
        yield made


def order(door: ApiDoor, **members: Any) -> Any:
    return door.post(orjson.dumps(members), PAUSE)


def target(door: ApiDoor, name: str = "labour_market") -> dict[str, Any]:
    found = door.http.get("/v1/targets").json()["items"]
    return dict(next(one for one in found if one["target"] == name))


def until(true: Any, within_s: float = 10.0) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it did not become so in time"
        time.sleep(0.05)


def test_a_paused_target_is_shown_told_to_callers_and_resumed(door: ApiDoor) -> None:
    assert order(door, cause="maintenance", reason="Nâng cấp", ends_at="2199-07-05T22:00:00+07:00").status_code == 200
    shown = target(door)
    assert (shown["state"], shown["pause"]["reason"]) == ("paused", "Nâng cấp")
    assert shown["pause"]["ends_at"] == "2199-07-05T15:00:00.000000Z"
    told = 'labour_market;cause="maintenance";until="2199-07-05T15:00:00.000000Z"'
    entry = orjson.dumps(door.entry())
    until(lambda: door.post(entry).headers.get("LGSP-Paused") == told)
    receipt = door.post(orjson.dumps(door.entry())).json()
    until(lambda: door.http.get(f"/v1/entries/{receipt['id']}").json()["targets"])
    states = door.http.get(f"/v1/entries/{receipt['id']}").json()["targets"]
    (market,) = [one for one in states if one["target"] == "labour_market"]
    assert market["pause"]["cause"] == "maintenance"
    assert "paused_by" not in market["pause"]
    waits = door.http.get("/v1/propagation/blocked", headers={"Accept-Language": "vi"}).json()["items"]
    assert {(one["target"], one["behind"], one["cause"]) for one in waits} >= {
        ("labour_market", "pause", "maintenance")
    }
    people = door.http.get("/v1/propagation/waiting?target=labour_market&limit=1").json()
    assert len(people["items"]) == 1
    rest = door.http.get(f"/v1/propagation/waiting?target=labour_market&after={people['next']}").json()["items"]
    assert people["items"][0]["worker_id"] not in {one["worker_id"] for one in rest}
    assert door.http.post(RESUME).status_code == 200
    assert target(door)["state"] == "open"
    until(lambda: "LGSP-Paused" not in door.post(entry).headers)
    check_problem(door.http.post(RESUME), 404, "pause-not-found")


def test_every_process_says_how_it_stands_with_each_target(door: ApiDoor) -> None:
    until(lambda: target(door)["senders"])
    (sender,) = target(door)["senders"]
    assert sender["breaker"] in {"closed", "open", "half_open"}
    status = door.http.get("/v1/status").json()["targets"]["senders"]
    assert {one["target"] for one in status} == {"population", "social_insurance", "labour_market"}


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({}, 422, "reason-missing"),
        ({"reason": "  "}, 422, "reason-missing"),
        ({"reason": 7}, 422, "reason-missing"),
        ({"reason": "x" * 501}, 422, "too-long"),
        ({"reason": "a\0b"}, 422, "nul-character"),
        ({"reason": "x", "cause": "too-many-refusals"}, 422, "shape-invalid"),
        ({"reason": "x", "cause": "maintenance"}, 422, "maintenance-without-end"),
        ({"reason": "x", "ends_at": "2001-01-01T00:00:00Z"}, 422, "pause-ends-before-it-starts"),
        ({"reason": "x", "ends_at": "2199-01-01T00:00:00"}, 422, "shape-invalid"),
        ({"reason": "x", "ends_at": "0001-01-01T00:00:00+14:00"}, 422, "shape-invalid"),
        ({"reason": "x", "starts_at": "tonight"}, 422, "shape-invalid"),
        ({"reason": "x", "starts_at": 5}, 422, "wrong-type"),
        ({"reason": "x", "who": "me"}, 422, "unknown-field"),
    ],
)
def test_a_pause_that_is_no_order_is_refused_with_what_is_wrong(
    door: ApiDoor, members: dict[str, Any], status: int, code: str
) -> None:
    check_problem(order(door, **members), status, code)
    assert target(door)["pause"] is None


def test_a_target_that_is_none_is_not_found(door: ApiDoor) -> None:
    for verb in ("pause", "resume"):
        answer = door.post(orjson.dumps({"reason": "x"}), f"/v1/targets/tax_office/{verb}")
        check_problem(answer, 404, "target-not-found")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "target=tax_office",
        "target=population&state=settled",
        "target=population&after=x",
        "target=population&cause=%00",
    ],
)
def test_a_question_for_those_who_wait_is_read_strictly(door: ApiDoor, query: str) -> None:
    answer = door.http.get(f"/v1/propagation/waiting?{query}")
    assert answer.status_code in {400, 422}
    check_problem(answer, answer.status_code, answer.json()["code"])


def test_a_person_is_asked_about_again_unless_there_is_nobody_to_ask_about(
    door: ApiDoor, module_database_url: str
) -> None:
    worker_id = door.post(orjson.dumps(door.entry())).json()["worker_id"]
    check_problem(door.http.post(f"/v1/verifications/{worker_id}/ask"), 404, "verification-not-needed")
    check_problem(door.http.post("/v1/verifications/nobody/ask"), 404, "verification-not-needed")
    database = Database(module_database_url)
    with database.write() as connection:
        connection.execute(schema.verifications.insert(), UNANSWERED | {"worker_id": worker_id})
    database.close()
    assert door.http.post(f"/v1/verifications/{worker_id}/ask").json()["outcome"] == "waiting"
    waiting = door.http.get("/v1/verifications?outcome=waiting").json()["items"]
    assert [one["attempts"] for one in waiting if one["worker_id"] == worker_id] == [0]
