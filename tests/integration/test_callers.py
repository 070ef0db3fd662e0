"""Callers over HTTP: rights are given by two people, hold for a unit, and are gone within seconds.

Numbers are those of the testable requirements of the security design.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import ECKey

from gateway.callers.attempts import FAILURES_MAX
from gateway.callers.directory import Directory
from gateway.callers.settings import CallerSettings
from gateway.clock import system_clock
from gateway.errors import Busy
from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from tests.integration.api_door import ApiDoor, check_problem, opened
from tests.integration.callers_world import administrators, client_of, confirmed, door, gone, person, proposed

__all__ = ["administrators", "door"]
COMMUNE: Final = "03388"


def test_after_the_first_day_nobody_gives_rights_alone(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """Requirement 6: two people."""
    first, second = administrators
    answer = proposed(door, by=first, name="night-shift")
    assert answer.status_code == 202
    path = f"/v1/proposals/{answer.json()['proposal']}/confirm"
    check_problem(first.post(path), 403, "second-person-needed")
    assert first.get("/v1/callers/night-shift").status_code == 404
    assert second.post(path).status_code == 200
    check_problem(second.post(path), 409, "approval-already-decided")
    assert first.get("/v1/callers/night-shift").json()["role"] == "operator"


def test_nobody_confirms_rights_of_his_own(door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]) -> None:
    """Requirement 6: nor does whoever would get them."""
    first, second = administrators
    answer = proposed(door, by=first, name="second", role="auditor")
    check_problem(second.post(f"/v1/proposals/{answer.json()['proposal']}/confirm"), 403, "second-person-needed")
    assert second.post(f"/v1/proposals/{answer.json()['proposal']}/refuse").status_code == 200


@pytest.mark.parametrize("act", ["keys", "jwks"])
def test_an_administrator_alone_gets_nobodys_key(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client], act: str
) -> None:
    """Requirement 6: whoever had another's key would have the other's rights, the second administrator's among them."""
    first, second = administrators
    if act == "keys":
        answer = first.post("/v1/callers/second/keys", json={})
    else:
        confirmed(proposed(door, "client", name="handed-over", role="system"))
        keys = {"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}
        answer = first.put("/v1/callers/handed-over/jwks", json=keys)
    assert answer.status_code == 202
    assert not {"secret", "secret_key"} & answer.json().keys()
    number = answer.json()["proposal"]
    assert "secret" not in str(first.get("/v1/proposals").json())
    check_problem(first.post(f"/v1/proposals/{number}/confirm"), 403, "second-person-needed")
    if act == "keys":  # nor does the second take a key of his own
        check_problem(second.post(f"/v1/proposals/{number}/confirm"), 403, "second-person-needed")
    assert second.post(f"/v1/proposals/{number}/refuse").status_code == 200


def test_the_installations_token_can_be_switched_off(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'lgsp.sqlite3'}"
    with opened(tmp_path, url, LGSP_CALLERS__INSTALLATION_TOKEN="false") as closed:
        check_problem(closed.http.get("/v1/whoami"), 401, "token-invalid")


@pytest.mark.parametrize(
    ("wrong", "member"),
    [
        ({"name": "Lan"}, "name"),
        ({"name": "local"}, "name"),
        ({"agency": "H99"}, "agency"),
        ({"role": "installation"}, "role"),
        ({"role": "system"}, "role"),
        ({"unit": "03388"}, "unit"),
        ({"role": "commune_officer", "unit": "12"}, "unit"),
        ({"role": "commune_officer", "unit": "99999"}, "unit"),
        ({"tier": "endless"}, "tier"),
    ],
)
def test_a_proposal_names_what_is_wrong(door: ApiDoor, wrong: dict[str, str], member: str) -> None:
    problem = check_problem(proposed(door, **{"name": "somebody", **wrong}), 422, "caller-invalid")
    assert problem["fields"][0] == member


def test_a_disabled_caller_is_out_within_seconds(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """Requirements 5 and 14."""
    leaving = person(door, "leaving")
    assert leaving.get("/v1/status").status_code == 200
    assert administrators[0].post("/v1/callers/leaving/disable").status_code == 200
    assert gone(lambda: leaving.get("/v1/status")) == "token-invalid"
    returning = person(door, "leaving")
    assert returning.get("/v1/whoami").json()["name"] == "leaving"


def test_a_withdrawn_key_is_worth_nothing_and_another_still_is(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """Requirement 14."""
    old = person(door, "rotating")
    key_id = door.http.get("/v1/callers/rotating").json()["keys"][0]["key_id"]
    new = client_of(door, f"Bearer {confirmed(door.http.post('/v1/callers/rotating/keys', json={}))['secret']}")
    assert administrators[0].delete(f"/v1/callers/rotating/keys/{key_id}").status_code == 200
    assert gone(lambda: old.get("/v1/status")) == "token-invalid"
    assert new.get("/v1/status").status_code == 200


def test_a_role_is_not_let_beyond_its_permissions(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """Requirement 2."""
    operator = person(door, "operating")
    assert operator.get("/v1/dead-letters").status_code == 200
    problem = check_problem(operator.get(f"/v1/workers/{uuid4()}?reveal=true"), 403, "permission-missing")
    assert problem["fields"] == ["workers.reveal"]
    assert operator.get(f"/v1/workers/{uuid4()}").status_code == 404
    check_problem(operator.get("/v1/callers"), 403, "permission-missing")
    check_problem(administrators[0].get("/v1/events"), 403, "permission-missing")


def test_another_units_person_reads_exactly_like_a_missing_one(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """Requirement 1: in a look-up, a record, its history and its observations."""
    here = person(door, "commune-here", role="commune_officer", unit=COMMUNE)
    elsewhere = person(door, "commune-elsewhere", role="commune_officer", unit="03439")
    entry = door.entry()
    worker_id = door.http.post("/v1/entries", json=entry).json()["worker_id"]
    number = {"personal_number": entry["fields"]["so_dinh_danh"]}
    assert [one["worker_id"] for one in here.post("/v1/workers/lookup", json=number).json()["items"]] == [worker_id]
    assert elsewhere.post("/v1/workers/lookup", json=number).json()["items"] == []
    for path in ("", "/history", "/observations"):
        assert here.get(f"/v1/workers/{worker_id}{path}").status_code == 200
        theirs = check_problem(elsewhere.get(f"/v1/workers/{worker_id}{path}"), 404, "worker-not-found")
        missing = check_problem(elsewhere.get(f"/v1/workers/{uuid4()}{path}"), 404, "worker-not-found")
        assert {**theirs, "id": ""} == {**missing, "id": ""}


def test_who_submits_about_another_units_person_learns_nothing_of_what_is_held(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """A neutral receipt, whether the entry was new, known, or about somebody with another name."""
    stranger = person(door, "commune-stranger", role="commune_officer", unit="03439")
    entry = door.entry()
    known = door.http.post("/v1/entries", json=entry).json()
    again = stranger.post("/v1/entries", json=entry)
    told = again.json()
    assert set(told.pop("proof")) == {"batch", "leaf"}
    assert (again.status_code, told) == (
        201,
        {"id": None, "state": "accepted", "worker_id": None, "version": None, "findings": []},
    )
    assert stranger.get(f"/v1/entries/{known['id']}").status_code == 404
    (listed,) = stranger.post("/v1/entries", json={"entries": [entry]}).json()["receipts"]
    assert (listed["id"], listed["worker_id"], listed["findings"]) == (None, None, [])
    other = {**entry, "fields": {**entry["fields"], "ho_ten": "LÙ THỊ KHÁC", "ngay_sinh": "1971-01-02"}}
    doubted = stranger.post("/v1/entries", json=other).json()
    assert doubted["state"] == "quarantined"
    assert "SACH-101" not in str(doubted)
    assert "SACH-101" in str(door.http.post("/v1/entries", json=other).json())


def test_a_commune_sees_its_own_entries_and_doubts_alone(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """Requirement 1, in lists and in the state of an entry."""
    here = person(door, "doubts-here", role="commune_officer", unit=COMMUNE)
    there = person(door, "doubts-there", role="commune_officer", unit="03439")
    entry = {**door.entry(tinh_trang_hdkt="9"), "commune": COMMUNE}
    waiting = here.post("/v1/entries", json=entry).json()
    assert waiting["state"] == "quarantined"
    assert waiting["id"] in [one["id"] for one in here.get("/v1/quarantine?limit=500").json()["items"]]
    assert waiting["id"] not in [one["id"] for one in there.get("/v1/quarantine?limit=500").json()["items"]]
    assert here.get(f"/v1/entries/{waiting['id']}").status_code == 200
    assert there.get(f"/v1/entries/{waiting['id']}").status_code == 404


def test_who_asks_too_much_is_told_when_to_come_again(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """Requirement 13: and everybody else is let in meanwhile."""
    eager = person(door, "eager", role="commune_officer", unit=COMMUNE)
    answers = [eager.get("/v1/whoami") for _ in range(400)]
    assert answers[0].headers["RateLimit-Policy"].startswith('"office";q=')
    refused = next(one for one in answers if one.status_code == 429)
    assert check_problem(refused, 429, "rate-exceeded")["fields"][0] == "office"
    assert refused.headers["Retry-After"] == "1"
    assert administrators[0].get("/v1/whoami").status_code == 200


def test_nobody_reads_a_person_without_a_purpose(door: ApiDoor) -> None:
    """Purpose limitation (Law 91/2025)."""
    path = f"/v1/workers/{uuid4()}"
    bare = {"LGSP-Purpose": "", "LGSP-Purpose-Reference": ""}
    check_problem(door.http.get(path, headers=bare), 422, "purpose-missing")
    check_problem(door.http.get(path, headers={"LGSP-Purpose": "curiosity"}), 422, "purpose-unknown")
    of_a_person = {"LGSP-Purpose-Reference": "ho so 012345678901"}
    check_problem(door.http.get(path, headers=of_a_person), 422, "purpose-reference-invalid")


def test_without_the_database_nobody_is_let_in(tmp_path: Path) -> None:
    """Requirement 42: what cannot be checked is refused, with 503, never allowed."""
    url, now = f"sqlite:///{tmp_path / 'lgsp.sqlite3'}", [0.0]
    upgrade(url)
    database = Database(url)
    directory = Directory(database, system_clock, CallerSettings(), lambda: now[0])
    directory.refresh()
    assert directory.active("nobody") is None
    now[0] = 5.1
    with pytest.raises(Busy, match="callers-unknown"):
        directory.active("nobody")
    database.close()


def test_requirement_13_who_tries_keys_is_slowed_and_a_good_caller_beside_him_is_not(
    door: ApiDoor, administrators: tuple[httpx.Client, httpx.Client]
) -> None:
    """Both come from one address, as offices behind one router do."""
    good = person(door, "beside-a-guesser", role="operator")
    guesser = client_of(door, "Bearer lgsp_no_such_key")
    answers = [guesser.get("/v1/whoami") for _ in range(FAILURES_MAX + 200)]
    codes = [answer.json()["code"] for answer in answers]
    assert set(codes) == {"token-invalid", "too-many-attempts"}
    last = next(answer for answer in answers if answer.status_code == 429)
    assert check_problem(last, 429, "too-many-attempts")
    assert int(last.headers["Retry-After"]) > 0
    assert good.get("/v1/whoami").status_code == 200
