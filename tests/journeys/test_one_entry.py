"""One entry reaches the three systems, and the way back to whoever sent it."""

from __future__ import annotations

from tests.journeys.people import People, employed, entry_of
from tests.journeys.place import SYSTEMS
from tests.journeys.town import Town


def test_an_entry_reaches_the_three_systems_and_its_status_says_so(town: Town, people: People) -> None:
    person = people.meet(employed)
    receipt = town.accept(entry_of(person, cong_viec_cu_the="Trồng chè"))
    assert receipt["version"] == 1
    town.until_settled(receipt["worker_id"])

    number = person.personal_number
    population = town.held("population", number)
    insurance = town.held("social_insurance", number)
    market = town.held("labour_market", number)
    assert population is not None
    assert insurance is not None
    assert market is not None
    assert "Trồng chè" in population.values()
    assert insurance["tinhTrangViecLam"] == "1"
    assert market["chuc_danh"] == "Trồng chè"

    entry = town.get(f"/v1/entries/{receipt['id']}")
    assert (entry["state"], entry["worker_id"], entry["version"]) == ("accepted", receipt["worker_id"], 1)
    assert {one["target"]: one["state"] for one in entry["targets"]} == dict.fromkeys(SYSTEMS, "settled")


def test_a_verified_identity_is_shown_in_the_record_and_in_its_history(town: Town, people: People) -> None:
    person = people.meet()
    worker_id = town.accept(entry_of(person))["worker_id"]
    town.until_settled(worker_id)
    record = town.get(f"/v1/workers/{worker_id}")
    assert record["identity_verified"] is True
    assert record["groups"]["basic"]["source"] == "population"
    assert record["groups"]["situation"]["source"] == "form"
    versions = [one["version"] for one in town.everything(f"/v1/workers/{worker_id}/history")]
    assert versions == list(range(1, record["version"] + 1))
    assert person.personal_number not in town.http.get(f"/v1/workers/{worker_id}").text


def test_a_person_is_found_by_number_in_a_body_and_read_by_id(town: Town, people: People) -> None:
    person = people.meet()
    worker_id = town.accept(entry_of(person))["worker_id"]
    found = town.http.post("/v1/workers/lookup", json={"personal_number": person.personal_number}).json()
    assert [one["worker_id"] for one in found["items"]] == [worker_id]
    revealed = town.get(f"/v1/workers/{worker_id}", reveal="true")
    assert revealed["groups"]["basic"]["values"]["personal_number"] == person.personal_number


def test_the_events_of_a_person_stand_in_the_order_of_their_versions(town: Town, people: People) -> None:
    person = people.meet(employed)
    worker_id = town.accept(entry_of(person, days_ago=9, cong_viec_cu_the="Chăn nuôi"))["worker_id"]
    town.accept(entry_of(person, days_ago=8, cong_viec_cu_the="Trồng lúa"))
    town.until_rest()
    events = town.everything("/v1/events")
    assert [one["position"] for one in events] == list(range(1, len(events) + 1))
    own = [one["event"] for one in events if one["event"]["subject"] == worker_id]
    assert [int(one["sequence"]) for one in own] == list(range(1, len(own) + 1))
    assert len(own) >= 2
    assert "Trồng lúa" in str(own[-1]["data"])
