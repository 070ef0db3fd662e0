"""Whatever a system does to a call, it ends with both sides holding the same."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import ON_SQLITE
from tests.journeys.equality import compare
from tests.journeys.people import People, employed, entry_of
from tests.journeys.place import SYSTEMS, WRITES
from tests.journeys.town import Town

FAULTS = (
    "lost_answer",
    "twice",
    "garbage",
    "html",
    "wrong_encoding",
    "quota_429",
    "cut",
    "error_500",
    "maintenance",
    "busy_person",
)
pytestmark = ON_SQLITE


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_of_the_writing_calls_ends_settled_and_equal(town: Town, people: People, kind: str) -> None:
    crowd = people.meet_many(4, employed)
    for system in SYSTEMS:
        town.fault(system, kind, operation=WRITES[system], for_requests=3)
    answer = town.submit({"entries": [entry_of(person) for person in crowd]})
    worker_ids = [one["worker_id"] for one in answer.json()["receipts"]]
    for worker_id in worker_ids:
        town.until_settled(worker_id)
    struck = {
        system: [one["fault"] for person in crowd for one in town.writes(system, person.personal_number)]
        for system in SYSTEMS
    }
    if kind != "busy_person":  # its calls are answered, person by person
        assert all(kind in faults for faults in struck.values()), struck
    town.until_rest()
    assert compare(town.environment()).differences == []


def test_all_faults_at_once_on_every_call_lose_and_repeat_nothing(town: Town, people: People) -> None:
    """Tokens, questions about identity, reading back and feeds meet them as well."""
    crowd = people.meet_many(20, employed)
    for system in (*SYSTEMS, "platform"):
        for kind in FAULTS:
            town.fault(system, kind, probability=0.1, for_s=2)
    for person in crowd:
        town.accept(entry_of(person))
    town.until_rest()
    for person in crowd:
        found = town.http.post("/v1/workers/lookup", json={"personal_number": person.personal_number}).json()["items"]
        (worker,) = found
        assert worker["identity_verified"] is True
    assert compare(town.environment()).differences == []


def test_a_slow_system_is_given_up_on_in_time_and_found_to_hold_what_was_sent(town: Town, people: People) -> None:
    person = people.meet(employed)
    # Longer than our timeout: the effect comes after we have gone.
    town.fault("social_insurance", "slow", operation=WRITES["social_insurance"], seconds=4, for_requests=1)
    worker_id = town.accept(entry_of(person))["worker_id"]
    town.until_settled(worker_id)
    town.until_rest()
    assert compare(town.environment()).differences == []
