"""The sender's key: the same again is answered the same and done once; something else under it is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.journeys.people import People, employed, entry_of
from tests.journeys.town import Town


def _effects(town: Town, worker_id: str) -> tuple[int, int]:
    """Entries of this caller about the person, and versions that they made."""
    observations = town.everything(f"/v1/workers/{worker_id}/observations")
    own = {one["entry_id"] for one in observations if one["source"].startswith("form")}
    return len(own), len(town.everything(f"/v1/workers/{worker_id}/history"))


def _without_findings(receipt: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in receipt.items() if name != "findings"}


def test_the_same_key_and_body_is_answered_with_the_same_receipt(town: Town, people: People) -> None:
    entry = entry_of(people.meet(employed))
    first = town.submit(entry, **{"Idempotency-Key": "phieu-001"})
    town.until_settled(first.json()["worker_id"])
    again = town.submit(entry, **{"Idempotency-Key": "phieu-001"})
    assert (first.status_code, first.json()["version"]) == (201, 1)
    assert again.json() == first.json()
    inside = town.submit({**entry, "key": "phieu-001"})
    assert inside.json() == first.json()
    assert _effects(town, first.json()["worker_id"])[0] == 1


def test_another_body_under_a_used_key_is_refused_and_changes_nothing(town: Town, people: People) -> None:
    person = people.meet(employed)
    key = {"Idempotency-Key": "phieu-002"}
    first = town.submit(entry_of(person), **key).json()
    other = town.submit(entry_of(person, cong_viec_cu_the="Việc khác"), **key)
    assert other.status_code == 422
    problem = other.json()
    assert problem["code"] == "key-reused-with-other-body"
    assert problem["detail"]
    town.until_rest()
    assert _effects(town, first["worker_id"])[0] == 1
    assert "Việc khác" not in str(town.held("labour_market", person.personal_number))


def test_fifty_identical_requests_at_once_have_one_effect(town: Town, people: People) -> None:
    entry = entry_of(people.meet(employed))
    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: town.submit(entry, **{"Idempotency-Key": "phieu-003"}), range(50)))
    assert {answer.status_code for answer in answers} == {201}
    receipts = [answer.json() for answer in answers]
    assert all(receipt == receipts[0] for receipt in receipts)
    worker_id = receipts[0]["worker_id"]
    town.until_settled(worker_id)
    entries, versions = _effects(town, worker_id)
    assert entries == 1
    assert versions == 2  # the entry, and population's word on who it is


def test_fifty_different_bodies_at_once_under_one_key_store_one_of_them(town: Town, people: People) -> None:
    person = people.meet(employed)
    entries = [entry_of(person, cong_viec_cu_the=f"Nghề {number}") for number in range(50)]
    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda one: town.submit(one, **{"Idempotency-Key": "phieu-004"}), entries))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201, *[422] * 49]
    (stored,) = (answer.json() for answer in answers if answer.status_code == 201)
    town.until_settled(stored["worker_id"])
    assert _effects(town, stored["worker_id"])[0] == 1


def test_a_key_used_twice_in_one_request_is_one_entry_or_a_refusal_of_the_second(town: Town, people: People) -> None:
    person, other = people.meet_many(2, employed)
    same, another = entry_of(person, key="phieu-005"), entry_of(other, key="phieu-005")
    answer = town.submit({"entries": [same, same, another]})
    first, second, third = answer.json()["receipts"]
    assert _without_findings(first) == _without_findings(second)
    assert first["state"] == "accepted"
    assert (third["state"], third["problem"]["code"]) == ("refused", "key-twice-in-request")


def test_a_refused_entry_uses_up_no_key(town: Town, people: People) -> None:
    entry = entry_of(people.meet(employed), key="phieu-006")
    refused = town.submit({**entry, "fields": {**entry["fields"], "khong_co_truong_nay": "x"}})
    assert refused.status_code == 422
    assert town.submit(entry).status_code == 201


def test_a_key_stays_known_over_a_restart(town: Town, people: People) -> None:
    entry = entry_of(people.meet(employed), key="phieu-007")
    first = town.accept(entry)
    town.gateway.kill()
    town.start_gateway()
    assert town.submit(entry).json() == first
    town.until_settled(first["worker_id"])
