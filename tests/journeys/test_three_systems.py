"""A change in one system reaches the other two, and then it is quiet: a loop of three comes to rest."""

from __future__ import annotations

from mock_services.people.person import Person
from tests.journeys.equality import compare
from tests.journeys.people import People, employed, entry_of, farmer, in_days, insured
from tests.journeys.place import SYSTEMS
from tests.journeys.town import Town


def _known(town: Town, *people: Person) -> list[str]:
    """Enter people, and wait until all three hold their records and nothing moves any more."""
    worker_ids = [town.accept(entry_of(person))["worker_id"] for person in people]
    for worker_id in worker_ids:
        town.until_settled(worker_id)
    town.until_rest()
    return worker_ids


def _writes(town: Town, person: Person) -> dict[str, int]:
    return {system: len(town.writes(system, person.personal_number)) for system in SYSTEMS}


def _written_since(town: Town, person: Person, before: dict[str, int]) -> dict[str, int]:
    return {system: count - before[system] for system, count in _writes(town, person).items()}


def test_a_first_entry_is_at_most_two_calls_to_each_system(town: Town, people: People) -> None:
    person = people.meet(employed)
    _known(town, person)
    # Twice where nobody waits for identity: the entry itself, and what population's answer added to it.
    calls = _writes(town, person)
    assert calls["population"] == 1
    assert calls["social_insurance"] == 1
    assert 1 <= calls["labour_market"] <= 2


def test_our_own_writes_that_the_feeds_tell_us_of_are_not_taken_for_news(town: Town, people: People) -> None:
    person = people.meet(employed)
    (worker_id,) = _known(town, person)
    assert all(_writes(town, person).values())  # so all three feeds have told of them
    said = [one["source"] for one in town.everything(f"/v1/workers/{worker_id}/observations")]
    assert sorted(source.partition(":")[0] for source in said) == ["form", "population"]
    record = town.get(f"/v1/workers/{worker_id}")
    assert record["version"] == 2


def test_a_social_insurance_change_reaches_population_and_labour_market(town: Town, people: People) -> None:
    person = people.meet(lambda one: insured(one) and employed(one))
    number = person.personal_number
    (worker_id,) = _known(town, person)
    before = _writes(town, person)
    market_before = town.held("labour_market", number)
    town.mock(
        "social_insurance",
        "POST",
        "people",
        {"personal_number": number, "participation": {"trangThai": "GH", "denThang": "10/2026"}},
    )
    town.until(lambda: town.held("labour_market", number) != market_before, "labour market told")
    town.until_rest()

    record = town.get(f"/v1/workers/{worker_id}")
    assert record["groups"]["insurance"]["source"] == "social_insurance"
    assert record["groups"]["insurance"]["values"]["participation"] == "0"
    assert {one["state"] for one in town.targets(worker_id).values()} == {"settled"}
    # One call to each, and at most one to the source itself, whose situation holds a copy.
    calls = _written_since(town, person, before)
    assert calls["population"] == 1
    assert calls["labour_market"] == 1
    assert calls["social_insurance"] <= 1


def test_a_placement_on_the_labour_market_reaches_the_other_two(town: Town, people: People) -> None:
    person = people.meet(farmer)
    number = person.personal_number
    (worker_id,) = _known(town, person)
    before = _writes(town, person)
    placement = {
        "ten_nsdld": "Công ty Chè Tam Đường",
        "ma_nsdld": "TD0077",
        "chuc_danh": "Công nhân chế biến chè",
        "loai_hdld": "1",
        "ngay_nhan_viec": "/".join(reversed(in_days(-1).split("-"))),
    }
    town.mock("labour_market", "POST", "people", {"personal_number": number, "kind": "gioi_thieu", "worker": placement})

    def employed_there() -> bool:
        held = town.held("social_insurance", number)
        return held is not None and held.get("tenDonVi") == "Công ty Chè Tam Đường"

    town.until(employed_there, "social insurance told")
    town.until_rest()
    record = town.get(f"/v1/workers/{worker_id}")
    assert record["groups"]["situation"]["source"] == "labour_market"
    assert record["groups"]["situation"]["values"]["job_title"] == "Công nhân chế biến chè"
    assert "Công nhân chế biến chè" in (town.held("population", number) or {}).values()
    assert {one["state"] for one in town.targets(worker_id).values()} == {"settled"}
    calls = _written_since(town, person, before)
    assert calls["population"] == 1
    assert calls["social_insurance"] == 1
    assert calls["labour_market"] <= 1


def test_a_change_of_identity_in_population_reaches_the_others(town: Town, people: People) -> None:
    person = people.meet(employed)
    number = person.personal_number
    (worker_id,) = _known(town, person)
    before = _writes(town, person)
    family = f"{person.surname} {person.middle}".strip()
    town.mock(
        "population",
        "POST",
        "people",
        {"personal_number": number, "citizen": {"HoVaTen": {"Ten": f"{family} Đổi"}}},
    )

    def renamed() -> bool:
        held = town.held("labour_market", number)
        return held is not None and held["ho_ten"].casefold() == f"{family} Đổi".casefold()

    town.until(renamed, "labour market told the name")
    town.until_rest()
    insurance = town.held("social_insurance", number)
    assert insurance is not None
    assert insurance["hoTen"].casefold() == f"{family} Đổi".casefold()
    record = town.get(f"/v1/workers/{worker_id}")
    assert record["groups"]["basic"]["source"] == "population"
    assert record["identity_verified"] is True
    assert {one["state"] for one in town.targets(worker_id).values()} == {"settled"}
    calls = _written_since(town, person, before)
    assert all(count <= 2 for count in calls.values()), calls


def test_changes_on_all_sides_at_once_come_to_rest_and_stay_there(town: Town, people: People) -> None:
    crowd = people.meet_many(8, lambda one: insured(one) and employed(one))
    _known(town, *crowd)
    before = {person.index: _writes(town, person) for person in crowd}
    for person in crowd:
        number = person.personal_number
        spell = {"trangThai": "TS", "tenDonVi": "Đơn vị khác", "maDonVi": "TD0099"}
        town.mock("social_insurance", "POST", "people", {"personal_number": number, "participation": spell})
        town.mock("labour_market", "POST", "people", {"personal_number": number, "worker": {"chuc_danh": "Kế toán"}})
        town.accept(entry_of(person, days_ago=0, cong_viec_cu_the="Thủ kho"))
    town.until_rest()
    after = {person.index: _written_since(town, person, before[person.index]) for person in crowd}
    # Three changes of one person: no system needs more than one call for each of them, and one to put its own right.
    assert all(count <= 4 for calls in after.values() for count in calls.values()), after
    town.until_rest()
    assert after == {person.index: _written_since(town, person, before[person.index]) for person in crowd}
    assert town.everything("/v1/dead-letters", cause="disagreement") == []


def test_at_rest_every_record_and_the_three_systems_are_equal_field_by_field(town: Town, people: People) -> None:
    for person in people.meet_many(40):
        town.accept(entry_of(person))
    town.until_rest()
    found = compare(town.environment())
    assert found.differences == []
    assert found.verified >= 40
    assert all(found.equal[system] >= 40 for system in SYSTEMS)
