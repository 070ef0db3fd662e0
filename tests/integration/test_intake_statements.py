"""Another database names its person by a key: what it says is found by it, and no more is said for it than it said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contracts.adapter_port import PersonKey
from contracts.entry import Report
from gateway.store import schema
from tests.intake_world import NAME, OFFICER, World, basic, insurance_number, number, statement, submission, world

WORK: dict[str, Any] = {"situation": {"activity": "1", "job_title": "Thợ xây"}}
HELD: dict[str, Any] = {"ho_ten": NAME, "viec_lam": "Thợ xây"}


@pytest.fixture
def house(database_url: str) -> Iterator[World]:
    with world(database_url) as built:
        yield built


def key_of(at: int) -> PersonKey:
    return PersonKey(personal_number=number(at))


def reported(change: str = "change-1", held: dict[str, Any] = HELD) -> Report:
    return Report("labour_market", change, held)


def applied(house: World, worker_id: str | None) -> list[bytes]:
    return [row.applied_hash for row in house.rows(schema.target_states) if row.worker_id == worker_id]


def test_a_statement_finds_its_person_by_the_key_and_speaks_of_its_own_groups_alone(house: World) -> None:
    person = house.one(submission(1))
    receipt = house.one(statement("labour_market", WORK, as_of="2026-07-06", person=key_of(1)))
    assert (receipt.worker_id, receipt.state, receipt.version) == (person.worker_id, "accepted", 2)
    held = house.worker(person).held
    assert set(held["situation"]) == {"form:tt11_mau03", "labour_market"}
    assert set(held["basic"]) == {"form:tt11_mau03"}


def test_a_report_that_says_nothing_of_the_person_is_stored_as_applied_and_makes_no_version(house: World) -> None:
    person = house.one(submission(1))
    observations = house.count(schema.observations)
    receipt = house.one(statement("labour_market", {}, person=key_of(1), report=reported()))
    assert (receipt.worker_id, receipt.state, receipt.version) == (person.worker_id, "unchanged", 1)
    assert applied(house, person.worker_id) == [house.worker(person).key.state_hash(HELD)]
    assert (house.count(schema.events), house.count(schema.observations)) == (1, observations)


def test_a_report_of_somebody_unknown_makes_nobody_and_waits_for_nobody(house: World) -> None:
    receipt = house.one(statement("population", {}, person=key_of(1), report=reported(), key="k"))
    assert (receipt.state, receipt.worker_id) == ("unchanged", None)
    assert [(one.rule, one.severity) for one in receipt.findings] == [("SACH-108", "note")]
    assert house.quarantine.waiting(None, 10, OFFICER) == []
    for table in (schema.workers, schema.worker_identifiers, schema.target_states, schema.events):
        assert house.count(table) == 0
    assert house.one(statement("population", {}, person=key_of(1), report=reported(), key="k")) == receipt
    assert house.one(submission(1)).version == 1


def test_a_report_behind_the_entry_that_makes_its_person_known_is_about_that_person(house: World) -> None:
    mute = statement("labour_market", {}, person=key_of(1), report=reported())
    made, told = house.receive(submission(1), mute)
    assert (told.worker_id, told.version) == (made.worker_id, 1)
    assert applied(house, made.worker_id) == [house.worker(made).key.state_hash(HELD)]


def test_somebody_new_keeps_the_number_by_which_they_were_named(house: World) -> None:
    first = statement("labour_market", WORK, person=key_of(1))
    second = statement("labour_market", {"needs": {"job_seeking": True}}, person=key_of(1))
    made, again = house.receive(first, second)
    assert (made.state, again.worker_id, again.version) == ("accepted", made.worker_id, 2)
    assert house.worker(made).record.groups["basic"] == {"personal_number": number(1)}
    assert house.one(submission(1)).worker_id == made.worker_id


def test_the_number_that_finds_the_person_decides_and_the_copies_beside_it_do_not(house: World) -> None:
    house.one(submission(2))
    person = house.one(submission(1))
    copied = PersonKey(number(1), None, insurance_number(2))
    assert house.one(statement("labour_market", WORK, person=copied)).worker_id == person.worker_id


def test_without_a_personal_number_the_social_insurance_number_finds_the_person(house: World) -> None:
    person = house.one(submission(1))
    key = PersonKey(social_insurance_number=insurance_number(1))
    assert house.one(statement("social_insurance", {}, person=key, report=reported())).worker_id == person.worker_id


@pytest.mark.parametrize("key", [PersonKey(), PersonKey(personal_number="12"), PersonKey(cmnd="045123456")])
def test_a_key_that_names_nobody_leaves_the_statement_in_doubt(house: World, key: PersonKey) -> None:
    receipt = house.one(statement("labour_market", WORK, person=key))
    assert (receipt.state, [one.rule for one in receipt.findings]) == ("quarantined", ["SACH-107"])


def test_a_key_and_groups_that_name_two_people_are_in_doubt(house: World) -> None:
    house.receive(submission(1), submission(2))
    receipt = house.one(statement("population", {"basic": basic(2)}, person=key_of(1)))
    assert (receipt.state, receipt.findings[-1].rule) == ("quarantined", "SACH-102")


def test_a_released_statement_still_knows_its_person_and_what_the_target_reported(house: World) -> None:
    person = house.one(submission(1))
    doubted = {"situation": {"activity": "9"}}
    waiting = house.one(statement("labour_market", doubted, person=key_of(1), report=reported()))
    assert (waiting.state, applied(house, person.worker_id)) == ("quarantined", [])
    receipt = house.release(waiting)
    assert receipt.worker_id == person.worker_id
    assert applied(house, person.worker_id) == [house.worker(person).key.state_hash(HELD)]


def test_a_report_that_named_nobody_finds_its_person_once_there_is_one(house: World) -> None:
    insured = PersonKey(social_insurance_number=insurance_number(1))
    waiting = house.one(statement("social_insurance", {}, person=insured, report=reported()))
    assert [one.rule for one in waiting.findings] == ["SACH-107"]
    person = house.one(submission(1))
    assert house.release(waiting).worker_id == person.worker_id
    assert len(applied(house, person.worker_id)) == 1
