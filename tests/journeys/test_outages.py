"""A system that is down holds up nobody else; what waits is seen, and goes when it answers again."""

from __future__ import annotations

from typing import Any

from tests.journeys.equality import compare
from tests.journeys.people import People, employed, entry_of
from tests.journeys.place import SYSTEMS
from tests.journeys.town import Town


def _sender(town: Town, target: str) -> dict[str, Any]:
    senders = town.get("/v1/status")["targets"]["senders"]
    return next(dict(one) for one in senders if one["target"] == target)


def _state(town: Town, worker_id: str, target: str) -> str:
    return str(town.targets(worker_id).get(target, {}).get("state"))


def _waits(town: Town, target: str) -> bool:
    rows = town.get("/v1/status")["targets"]["rows"]
    return any(one["target"] == target and one["state"] == "due" and one["people"] >= 1 for one in rows)


def test_ten_changes_during_an_outage_become_one_call_when_it_is_over(town: Town, people: People) -> None:
    person = people.meet(employed)
    worker_id = town.accept(entry_of(person, days_ago=20))["worker_id"]
    town.until_settled(worker_id)
    town.until_rest()
    before = len(town.writes("labour_market", person.personal_number))

    town.fault("labour_market", "maintenance", operation="nguoi-lao-dong")
    for change in range(1, 11):
        town.accept(entry_of(person, days_ago=20 - change, cong_viec_cu_the=f"Việc thứ {change}"))
    # The other two do not wait for the third.
    others = ("population", "social_insurance")
    town.until(lambda: all(_state(town, worker_id, one) == "settled" for one in others), "the other two told")
    town.until(lambda: town.targets(worker_id)["labour_market"]["cause"] == "maintenance", "the cause is shown")
    town.until(lambda: _waits(town, "labour_market"), "the page shows who waits")  # between two attempts it is due
    town.until(lambda: _sender(town, "labour_market")["breaker"] != "closed", "the breaker opens")
    assert town.http.get("/readyz").status_code == 200
    assert "Việc thứ 10" not in str(town.held("labour_market", person.personal_number))

    town.heal()
    town.until_settled(worker_id)
    town.until_rest()
    held = town.held("labour_market", person.personal_number)
    assert held is not None
    assert held["chuc_danh"] == "Việc thứ 10"
    answered = [one for one in town.writes("labour_market", person.personal_number) if one["outcome"] == "done"]
    assert len(answered) == before + 1


def test_everybody_entered_during_an_outage_of_all_three_arrives_after_it(town: Town, people: People) -> None:
    for system in SYSTEMS:
        town.fault(system, "maintenance")
    crowd = people.meet_many(60)
    answer = town.submit({"entries": [entry_of(person) for person in crowd]})
    receipts = answer.json()["receipts"]
    assert [one["state"] for one in receipts] == ["accepted"] * len(crowd)
    assert town.get("/v1/quality")  # nothing else waits either
    for person in crowd:
        assert town.held("labour_market", person.personal_number) is None
    town.heal()
    town.until_rest()
    assert compare(town.environment()).differences == []
    for receipt in receipts:
        assert {one["state"] for one in town.targets(receipt["worker_id"]).values()} == {"settled"}


def test_an_outage_of_population_holds_up_identity_and_not_the_entry(town: Town, people: People) -> None:
    town.fault("population", "cut")
    person = people.meet(employed)
    worker_id = town.accept(entry_of(person))["worker_id"]
    # The labour market does not wait for identity; the other two do, and say so.
    town.until(lambda: _state(town, worker_id, "labour_market") == "settled", "labour market told")
    town.until(lambda: _state(town, worker_id, "social_insurance") == "waiting_for_identity", "insurance waits")
    assert _state(town, worker_id, "population") == "waiting_for_identity"
    assert town.held("social_insurance", person.personal_number) is None

    def unanswered() -> bool:
        return worker_id in {one["worker_id"] for one in town.everything("/v1/verifications", outcome="no_answer")}

    town.until(unanswered, "listed as not answered")
    assert town.get(f"/v1/workers/{worker_id}")["identity_verified"] is False
    town.heal()
    town.until_settled(worker_id, within_s=60)
    assert town.get(f"/v1/workers/{worker_id}")["identity_verified"] is True
    town.until_rest()


def test_each_outcome_of_verification_is_listed_and_only_a_yes_is_sent_on(town: Town, people: People) -> None:
    same, unknown, different = people.meet(), people.meet_unknown(), people.meet_different()
    workers = {
        outcome: town.accept(entry_of(person))["worker_id"]
        for outcome, person in (("verified", same), ("not_found", unknown), ("differs", different))
    }
    town.until_rest()
    for outcome, worker_id in workers.items():
        listed = {one["worker_id"]: one for one in town.everything("/v1/verifications", outcome=outcome)}
        assert worker_id in listed, outcome
        verified = outcome == "verified"
        assert town.get(f"/v1/workers/{worker_id}")["identity_verified"] is verified
        expected = "settled" if verified else "waiting_for_identity"
        assert _state(town, worker_id, "social_insurance") == expected
        if outcome == "differs":
            assert "birth_date" in listed[worker_id]["differing"]
            assert different.birth_date not in str(listed[worker_id])
    assert town.held("population", unknown.personal_number) is None
    assert town.get("/v1/status")["verification"]["people"]["not_found"] >= 1
