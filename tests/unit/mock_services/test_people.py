"""The synthetic people: pure, valid in form, plausible, and held differently by the systems."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from contracts import communes
from contracts.identifiers import PersonalNumber
from contracts.names import unaccented_key
from mock_services.people.differences import old_tone_places
from mock_services.people.numbers import PEOPLE_MAX, index_of, personal_number
from mock_services.people.person import make_person
from mock_services.people.world import World, name_key

WORLD = World(4_000, 7)
PEOPLE = list(WORLD)


def test_a_person_does_not_depend_on_the_others() -> None:
    assert make_person(7, 3_123) == PEOPLE[3_123]
    assert World(1_000_000 // 2, 7).person(3_123) == PEOPLE[3_123]
    assert make_person(8, 3_123) != PEOPLE[3_123]


def test_numbers_are_valid_unique_and_clearly_synthetic() -> None:
    numbers = [PersonalNumber.parse(person.personal_number) for person in PEOPLE]
    assert len(set(numbers)) == len(numbers)
    assert all(number[6] == "9" for number in numbers)
    places = Counter(number.birth_place_code for number in numbers)
    assert places["012"] > 0.8 * len(numbers)
    assert places["011"] > 0.05 * len(numbers)


def test_numbers_agree_with_sex_and_birth_year() -> None:
    for person in PEOPLE:
        made = personal_number(person.index, person.personal_number[:3], person.sex, int(person.birth_date[:4]))
        assert made == person.personal_number
    assert personal_number(0, "012", "1", 1999)[3] == "0"
    assert personal_number(0, "012", "2", 2001)[3] == "3"


def test_a_person_is_found_by_each_number_and_by_no_other() -> None:
    for person in PEOPLE[:300]:
        assert WORLD.find(person.personal_number) == person
        if person.cmnd is not None:
            assert WORLD.find(person.cmnd) == person
        if person.social_insurance_number is not None:
            assert WORLD.find(person.social_insurance_number) == person
    other_sex = PEOPLE[0].personal_number[:3] + "0" + PEOPLE[0].personal_number[4:]
    assert other_sex == PEOPLE[0].personal_number or WORLD.find(other_sex) is None
    assert WORLD.find("012345") is None
    assert index_of("01219499999x") is None


def test_a_world_is_no_larger_than_its_numbers() -> None:
    World(PEOPLE_MAX, 1)
    with pytest.raises(ValueError, match="900000"):
        World(PEOPLE_MAX + 1, 1)


def test_people_live_in_all_communes_under_codes_of_today() -> None:
    homes = Counter(person.permanent.commune for person in PEOPLE)
    assert set(homes) == {commune.code for commune in communes.ALL}
    assert homes["03388"] > 1.5 * homes["03640"]
    assert all(person.permanent.old.new_code == person.permanent.commune for person in PEOPLE)


def test_the_province_s_peoples_have_about_their_shares() -> None:
    groups = Counter(person.ethnic_group for person in PEOPLE)
    assert [group for group, _ in groups.most_common(4)][:2] == ["03", "08"]
    assert 0.30 < groups["03"] / len(PEOPLE) < 0.41
    assert groups["50"] > 0


def test_only_the_elderly_lack_a_full_birth_date() -> None:
    partial = [person for person in PEOPLE if len(person.birth_date) < 10]
    assert partial
    assert {len(person.birth_date) for person in partial} == {4, 7}
    assert max(int(person.birth_date[:4]) for person in partial) < 1966


def test_the_population_database_does_not_know_or_differs_for_about_as_many_as_in_life() -> None:
    seen = [(person, WORLD.seen_by("population", person)) for person in PEOPLE]
    unknown = sum(not one.known for _, one in seen)
    differing = sum(
        name_key(one.full_name) != name_key(person.full_name) or one.birth_date != person.birth_date
        for person, one in seen
    )
    assert 0.002 < unknown / len(PEOPLE) < 0.009
    assert 0.005 < differing / len(PEOPLE) < 0.016
    assert {one.address_style for _, one in seen} == {"practice", "standard", "old_codes"}


def test_tone_places_differ_in_spelling_but_not_as_a_key() -> None:
    assert old_tone_places("Thuý Hoà Quý Hoàng") == "Thúy Hòa Quý Hoàng"
    assert unaccented_key(old_tone_places("Thuỷ")) == unaccented_key("Thuỷ")


def test_a_life_contradicts_itself_nowhere() -> None:
    for person in PEOPLE:
        life = person.life
        assert (life.job is not None) == (life.activity == "1")
        assert (life.inactive_reason is not None) == (life.activity == "3")
        assert (life.unemployed_for is not None) == (life.activity == "2")
        assert ("6" in life.priority) == (person.ethnic_group != "01")
        if life.job is not None and life.job.contract_started_on is not None:
            assert int(life.job.contract_started_on[:4]) >= int(person.birth_date[:4]) + 15
        if life.spell is not None:
            assert person.social_insurance_number is not None


def test_neighbouring_people_are_not_alike() -> None:
    same = sum(one.full_name == other.full_name for one, other in pairwise(PEOPLE))
    assert same < 20
