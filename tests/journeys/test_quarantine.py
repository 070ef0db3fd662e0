"""An entry in doubt waits for a person, and the person's word is final."""

from __future__ import annotations

from typing import Any

from mock_services.people.person import Person
from tests.journeys.conftest import ON_SQLITE
from tests.journeys.people import People, employed, entry_of
from tests.journeys.town import Town

pytestmark = ON_SQLITE


def _doubtful(person: Person) -> dict[str, Any]:
    """Out of work, with a job and an employer."""
    return entry_of(person, tinh_trang_hdkt="2")


def _waiting(town: Town) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in town.everything("/v1/quarantine")}


def test_a_doubtful_entry_is_listed_with_what_is_doubted_and_reaches_nobody(town: Town, people: People) -> None:
    person = people.meet(employed)
    answer = town.submit(_doubtful(person))
    assert answer.status_code == 202
    receipt = answer.json()
    assert receipt["state"] == "quarantined"
    doubts = [one for one in receipt["findings"] if one["severity"] == "refuse"]
    assert doubts
    assert all(one["rule"] and one["fields"] and one["message"] and one["remedy"] for one in doubts)
    listed = _waiting(town)[receipt["id"]]
    assert [one["rule"] for one in listed["findings"]] == [one["rule"] for one in receipt["findings"]]
    town.until_rest()
    assert town.held("labour_market", person.personal_number) is None
    assert person.personal_number not in town.http.get("/v1/quarantine").text


def test_a_released_entry_is_merged_and_sent_with_the_reason_kept(town: Town, people: People) -> None:
    person = people.meet(employed)
    entry_id = town.submit(_doubtful(person)).json()["id"]
    answer = town.http.post(f"/v1/quarantine/{entry_id}/release", json={"reason": "Đã đối chiếu giấy khai sinh"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "accepted"
    town.until(lambda: town.held("labour_market", person.personal_number), "sent after release")
    entry = town.get(f"/v1/entries/{entry_id}")
    assert (entry["state"], entry["decided_by"]) == ("accepted", "local")
    assert "Đã đối chiếu giấy khai sinh" in str(entry["decision"])
    assert entry_id not in _waiting(town)
    town.until_rest()


def test_a_rejected_entry_ends_there_and_a_corrected_one_takes_its_place(town: Town, people: People) -> None:
    person = people.meet(employed)
    entry_id = town.submit(_doubtful(person)).json()["id"]
    answer = town.http.post(f"/v1/quarantine/{entry_id}/reject", json={"reason": "Ghi nhầm giới tính"})
    assert answer.json() == {"id": entry_id, "state": "rejected"}
    assert town.get(f"/v1/entries/{entry_id}")["state"] == "rejected"
    assert entry_id not in _waiting(town)
    town.until_rest()
    assert town.held("labour_market", person.personal_number) is None
    corrected = town.accept({**entry_of(person), "replaces": entry_id})
    assert town.get(f"/v1/entries/{corrected['id']}")["replaces"] == entry_id
    town.until_settled(corrected["worker_id"])


def test_a_second_decision_is_a_conflict_whatever_it_says(town: Town, people: People) -> None:
    released, rejected = (town.submit(_doubtful(person)).json()["id"] for person in people.meet_many(2, employed))
    reason = {"reason": "Đã gọi điện xác minh"}
    assert town.http.post(f"/v1/quarantine/{released}/release", json=reason).status_code == 200
    assert town.http.post(f"/v1/quarantine/{rejected}/reject", json=reason).status_code == 200
    for entry_id in (released, rejected):
        for decision in ("release", "reject"):
            again = town.http.post(f"/v1/quarantine/{entry_id}/{decision}", json=reason)
            assert again.status_code == 409
            assert again.json()["code"] == "quarantine-already-decided"
    town.until_rest()


def test_a_decision_needs_a_reason_and_an_entry_that_waits(town: Town, people: People) -> None:
    entry_id = town.submit(_doubtful(people.meet(employed))).json()["id"]
    accepted = town.accept(entry_of(people.meet()))["id"]
    for decision in ("release", "reject"):
        for body in ({}, {"reason": ""}, {"reason": "   "}, {"reason": "x" * 501}):
            answer = town.http.post(f"/v1/quarantine/{entry_id}/{decision}", json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, "reason-missing")
        missing = town.http.post(
            f"/v1/quarantine/00000000-0000-4000-8000-000000000000/{decision}", json={"reason": "Có lý do"}
        )
        assert (missing.status_code, missing.json()["code"]) == (404, "quarantine-not-found")
        never_waited = town.http.post(f"/v1/quarantine/{accepted}/{decision}", json={"reason": "Có lý do"})
        assert never_waited.status_code == 409
    assert entry_id in _waiting(town)
    town.until_rest()
