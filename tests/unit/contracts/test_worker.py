import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.worker import (
    GROUP_MODELS,
    GROUPS,
    IDENTIFYING,
    Groups,
    Provenance,
    WorkerRecord,
    group_names,
    join_identity,
    residence_commune,
    split_identity,
)

TEXT = st.none() | st.text(max_size=8)
RESIDENCES = ("permanent", "current", "temporary")
ADDRESS = st.none() | st.dictionaries(st.sampled_from(("province", "commune", "commune_on", "detail")), TEXT)


def values_of(group):
    fields = sorted(GROUP_MODELS[group].model_fields)
    if group == "residence":
        return st.dictionaries(st.sampled_from(fields), ADDRESS)
    plain = st.dictionaries(st.sampled_from(fields), TEXT)
    return (
        plain.flatmap(lambda values: ADDRESS.map(lambda one: {**values, "workplace_address": one}))
        if group == "situation"
        else plain
    )


GROUPS_OF_A_PERSON = st.fixed_dictionaries({}, optional={group: values_of(group) for group in GROUPS})


@given(GROUPS_OF_A_PERSON)
def test_joining_what_was_split_gives_the_groups_again(groups):
    assert join_identity(*split_identity(groups)) == groups


@given(GROUPS_OF_A_PERSON)
def test_the_open_part_holds_no_field_that_identifies(groups):
    opened, _ = split_identity(groups)
    for group, fields in IDENTIFYING.items():
        assert not fields & opened.get(group, {}).keys()
    for address in opened.get("residence", {}).values():
        assert not (isinstance(address, dict) and "detail" in address)


@given(GROUPS_OF_A_PERSON)
def test_the_identifying_part_holds_nothing_else(groups):
    _, identity = split_identity(groups)
    assert identity.keys() <= {"basic", "residence", "insurance"}
    for group, fields in IDENTIFYING.items():
        assert identity.get(group, {}).keys() <= fields
    assert all(not isinstance(detail, dict) for detail in identity.get("residence", {}).values())


@given(GROUPS_OF_A_PERSON)
def test_splitting_leaves_the_groups_as_they_are(groups):
    before = {
        group: {field: value and dict(value) if isinstance(value, dict) else value for field, value in values.items()}
        for group, values in groups.items()
    }
    split_identity(groups)
    assert groups == before


def test_every_marked_field_exists_in_its_group():
    assert all(fields <= GROUP_MODELS[group].model_fields.keys() for group, fields in IDENTIFYING.items())


def test_every_number_of_a_person_is_marked():
    marked = {field for fields in IDENTIFYING.values() for field in fields}
    assert marked == {"full_name", "birth_date", "personal_number", "cmnd", "social_insurance_number"}


def test_the_address_of_a_workplace_stays_open():
    groups: Groups = {"situation": {"workplace_address": {"commune": "03388", "detail": "Tổ 1"}}}
    assert split_identity(groups) == (groups, {})


@pytest.mark.parametrize(
    ("residence", "commune"),
    [
        ({"current": {"commune": "03388"}, "permanent": {"commune": "03408"}}, "03388"),
        ({"current": None, "permanent": {"commune": "03408"}}, "03408"),
        ({"current": {"commune": None}, "permanent": {"commune": "03408"}}, "03408"),
        ({"temporary": {"commune": "03388"}, "permanent": {"commune": "03408"}}, "03388"),
        ({"permanent": {"commune": "3408"}}, None),
        ({"permanent": {"commune": "034080"}}, None),
        ({"permanent": {"commune": "0340\x00"}}, None),
        ({"permanent": {"commune": "٠٣٤٠٨"}}, None),
        ({"permanent": {}}, None),
        ({}, None),
    ],
)
def test_the_owner_is_the_commune_where_a_person_lives_now_else_of_permanent_residence(residence, commune):
    assert residence_commune({"residence": residence}) == commune


def test_nobody_owns_a_person_without_a_residence():
    assert residence_commune({}) is None


def test_group_names_come_in_the_decrees_order():
    assert tuple(group_names(set(GROUPS))) == GROUPS
    assert tuple(group_names({"needs", "basic", "other"})) == ("basic", "needs")


@pytest.mark.parametrize(("verified_at", "verified"), [(None, False), ("2026-07-05T00:00:00.000000Z", True)])
def test_an_identity_is_verified_when_the_basic_group_is(verified_at, verified):
    basic = Provenance("population", "2026-07-05", verified_at, "2026-07-05T00:00:00.000000Z")
    record = WorkerRecord("id", 1, {"basic": {"full_name": None}}, {"basic": basic})
    assert record.identity_verified is verified
    assert not WorkerRecord("id", 1, {}, {}).identity_verified


def test_the_value_of_a_field_is_none_when_it_was_not_asked():
    record = WorkerRecord("id", 1, {"basic": {"sex": "2"}}, {})
    assert record.value("basic", "sex") == "2"
    assert record.value("basic", "cmnd") is None
    assert record.value("needs", "job_seeking") is None
