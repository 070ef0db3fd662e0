"""What each system says when somebody is changed over there, and who somebody is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from adapters.lgsp.token import TokenSource
from adapters.social_insurance.lookups import Criteria
from contracts.adapter_port import Delivered, Delivery, IdentityClaim, SystemAdapter
from contracts.worker import WorkerRecord
from tests.conformance.street import Street, served


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with served(tmp_path_factory.mktemp("street")) as street:
        yield street


@pytest.fixture
async def tokens(street: Street) -> AsyncIterator[TokenSource]:
    for name in ("platform", "population", "social_insurance", "labour_market"):
        street.mock(name, "reset", {})
    source = street.tokens()
    yield source
    await source.close()


async def _delivered(adapter: SystemAdapter, street: Street) -> tuple[WorkerRecord, str]:
    """One record that the system has taken, with its number."""
    for record in street.records:
        view = adapter.view(record)
        if isinstance((await adapter.deliver([Delivery("w", 1, view, "c")]))[0], Delivered):
            return record, adapter.person_key(view).personal_number or ""
    raise AssertionError("nobody is known there")


def _claim(record: WorkerRecord, **other: Any) -> IdentityClaim:
    said = {name: record.value("basic", name) for name in ("full_name", "birth_date", "sex", "personal_number", "cmnd")}
    return IdentityClaim(**{**said, **other})


async def test_a_placement_is_a_new_situation_and_no_wish_for_a_job(street: Street, tokens: TokenSource) -> None:
    adapter = street.labour_market(tokens)
    _, number = await _delivered(adapter, street)
    cursor = (await adapter.changes(None, 500)).cursor
    street.mock("labour_market", "people", {"personal_number": number, "worker": {"nhu_cau_tim_viec": True}})
    page = await adapter.changes(cursor, 10)
    (change,) = page.changes
    assert change.groups["needs"] == {"job_seeking": True}
    assert change.held == (await adapter.read([change.person]))[0]
    assert "insurance" not in change.groups
    await adapter.close()


async def test_a_spell_of_participation_is_the_agencys_own_word(street: Street, tokens: TokenSource) -> None:
    adapter = street.social_insurance(tokens)
    _, number = await _delivered(adapter, street)
    cursor = (await adapter.changes(None, 500)).cursor
    spell = {"loaiHinhThamGia": "BB", "tenDonVi": "Công ty B", "tuThang": "07/2026", "trangThai": "TM"}
    street.mock("social_insurance", "people", {"personal_number": number, "participation": spell})
    (change,) = (await adapter.changes(cursor, 10)).changes
    insurance = change.groups["insurance"]
    assert (insurance["participation"], insurance["insured_employer_name"]) == ("1", "Công ty B")
    assert insurance["insured_from"] == "2026-07"
    assert change.held == {}
    await adapter.close()


async def test_a_changed_citizen_is_identity_and_residence(street: Street, tokens: TokenSource) -> None:
    adapter = street.population(tokens)
    _, number = await _delivered(adapter, street)
    cursor = (await adapter.changes(None, 500)).cursor
    citizen = {"HoVaTen": {"Ho": "Lò", "ChuDem": "Thị", "Ten": "Mới"}}
    street.mock("population", "people", {"personal_number": number, "citizen": citizen})
    (change,) = (await adapter.changes(cursor, 10)).changes
    assert change.groups["basic"]["full_name"] == "Lò Thị Mới"
    assert "residence" in change.groups
    assert (change.held, change.person.personal_number) == ({}, number)
    await adapter.close()


async def test_most_people_are_verified_and_their_residence_is_a_commune_of_today(
    street: Street, tokens: TokenSource
) -> None:
    adapter = street.population(tokens)
    answers = [await adapter.verify(_claim(record)) for record in street.records]
    outcomes = [one.outcome for one in answers]
    assert outcomes.count("verified") > 0.95 * len(outcomes)
    assert "no_answer" not in outcomes
    for one in answers:
        if one.groups is not None:
            permanent = one.groups["residence"]["permanent"]
            assert isinstance(permanent, dict)
            assert permanent["commune_on"] == "2025-07-01"
    await adapter.close()


async def test_another_birth_date_sex_or_number_is_found_out(street: Street, tokens: TokenSource) -> None:
    adapter = street.population(tokens)
    verified = [one for one in street.records if (await adapter.verify(_claim(one))).outcome == "verified"]
    record = next(one for one in verified if len(str(one.value("basic", "birth_date"))) == 10)
    year = int(str(record.value("basic", "birth_date"))[:4])
    sex = "1" if record.value("basic", "sex") == "2" else "2"
    other_date = await adapter.verify(_claim(record, birth_date=f"{year - 1}-01-01"))
    other_sex = await adapter.verify(_claim(record, sex=sex))
    other_number = await adapter.verify(_claim(record, personal_number="012199000001"))
    assert (other_date.outcome, other_date.differing) == ("differs", ("birth_date",))
    assert (other_sex.outcome, other_sex.differing) == ("differs", ("sex",))
    assert other_number.outcome == "not_found"
    await adapter.close()


async def test_a_procedure_without_licence_is_no_answer(street: Street, tokens: TokenSource) -> None:
    adapter = street.population(tokens, procedure="0.000000.000.00.00.H35")
    answer = await adapter.verify(_claim(street.records[0]))
    assert (answer.outcome, answer.cause) == ("no_answer", "procedure-not-licensed")
    await adapter.close()


async def test_the_three_documented_look_ups_find_the_same_person(street: Street, tokens: TokenSource) -> None:
    adapter = street.social_insurance(tokens)
    numbers = [str(one.value("insurance", "social_insurance_number") or "") for one in street.records]
    found = [(number, await adapter.lookup_by_number(number)) for number in numbers if number][:20]
    known = next((number, one) for number, one in found if one is not None and one.birth_date is not None)
    number, insured = known
    assert insured is not None
    criteria = Criteria(insured.full_name, insured.birth_date or "", insured.sex)
    assert await adapter.find_number(criteria) == number
    member = await adapter.household(criteria)
    assert member is not None
    assert member.social_insurance_number == number
    assert await adapter.lookup_by_number("0000000000") is None
    await adapter.close()
