"""A delivery that cannot be made is parked, says why, and is made when the cause is gone."""

from __future__ import annotations

from typing import Any

from tests.journeys.conftest import ON_SQLITE
from tests.journeys.equality import compare
from tests.journeys.people import People, employed, entry_of
from tests.journeys.town import Town

pytestmark = ON_SQLITE


def _letters(town: Town, **query: object) -> dict[str, dict[str, Any]]:
    return {one["worker_id"]: one for one in town.everything("/v1/dead-letters", **query)}


def test_a_refused_person_is_parked_with_the_cause_and_delivered_on_retry_once_that_is_gone(
    town: Town, people: People
) -> None:
    person, neighbour = people.meet_many(2, employed)
    town.fault("social_insurance", "refuse_person", person=person.personal_number)
    worker_id = town.accept(entry_of(person))["worker_id"]
    neighbours_id = town.accept(entry_of(neighbour))["worker_id"]
    town.until(lambda: worker_id in _letters(town, target="social_insurance"), "parked")
    letter = _letters(town)[worker_id]
    assert letter["target"] == "social_insurance"
    assert letter["cause"]
    assert worker_id in _letters(town, cause=letter["cause"])
    assert worker_id not in _letters(town, target="population")
    opened = town.get(f"/v1/dead-letters/{worker_id}/social_insurance")
    assert opened["answer"]["cause"] == letter["cause"]
    # Nobody waits behind it, and the other two hold the record.
    town.until_settled(neighbours_id)
    assert town.targets(worker_id)["population"]["state"] == "settled"
    assert town.targets(worker_id)["labour_market"]["state"] == "settled"

    town.heal()
    answer = town.http.post(f"/v1/dead-letters/{worker_id}/social_insurance/retry")
    assert (answer.status_code, answer.json()["state"]) == (200, "due")
    town.until_settled(worker_id)
    assert worker_id not in _letters(town)
    assert town.http.get(f"/v1/dead-letters/{worker_id}/social_insurance").status_code == 404
    assert town.http.post(f"/v1/dead-letters/{worker_id}/social_insurance/retry").status_code == 404
    town.until_rest()
    assert compare(town.environment()).differences == []


def test_a_retry_while_the_cause_stands_parks_the_letter_again(town: Town, people: People) -> None:
    person = people.meet(employed)
    town.fault("labour_market", "refuse_person", person=person.personal_number)
    worker_id = town.accept(entry_of(person))["worker_id"]
    town.until(lambda: worker_id in _letters(town, target="labour_market"), "parked")
    town.until_rest()
    calls = len(town.writes("labour_market", person.personal_number))
    assert town.http.post(f"/v1/dead-letters/{worker_id}/labour_market/retry").status_code == 200
    town.until(lambda: len(town.writes("labour_market", person.personal_number)) > calls, "tried again")
    town.until(lambda: worker_id in _letters(town, target="labour_market"), "parked again")
    town.heal()
    answer = town.http.post("/v1/dead-letters/retry", json={"target": "labour_market"})
    assert answer.json()["retried"] >= 1
    town.until_settled(worker_id)


def test_a_newer_view_supersedes_a_letter_without_anybodys_help(town: Town, people: People) -> None:
    person = people.meet(employed)
    town.fault("social_insurance", "refuse_person", person=person.personal_number)
    worker_id = town.accept(entry_of(person, days_ago=9, co_hdld=False, loai_hdld=None, ngay_bat_dau_hdld=None))[
        "worker_id"
    ]
    town.until(lambda: worker_id in _letters(town, target="social_insurance"), "parked")
    town.until_rest()
    town.heal()
    assert worker_id in _letters(town)  # healing alone sends nothing that a person has to look at
    town.accept(entry_of(person, days_ago=2, noi_lam_viec="Hợp tác xã Bản Bo", vi_the_viec_lam="4"))
    town.until_settled(worker_id)
    assert town.targets(worker_id)["social_insurance"]["cause"] == "superseded"
    assert worker_id not in _letters(town)


def test_letters_are_listed_in_pages_that_follow_each_other(town: Town, people: People) -> None:
    crowd = people.meet_many(5)
    for person in crowd:
        town.fault("labour_market", "refuse_person", person=person.personal_number)
    workers = {town.accept(entry_of(person))["worker_id"] for person in crowd}
    town.until(lambda: workers <= set(_letters(town, target="labour_market")), "parked")
    town.until_rest()  # whoever is verified meanwhile is sent anew, and leaves the list for a moment
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = town.get("/v1/dead-letters", target="labour_market", limit=2, **after)
        seen += [one["worker_id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert workers <= set(seen)
    assert len(seen) == len(set(seen))
    town.heal()
    town.http.post("/v1/dead-letters/retry", json={})
    town.until_rest()
    assert not workers & set(_letters(town))
