from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import Json
from contracts.worker import (
    GROUP_MODELS,
    GROUPS,
    IDENTIFYING,
    Groups,
    Provenance,
    WorkerRecord,
    group_names,
    is_open,
    is_open_in_address,
    join_identity,
    residence_commune,
    split_identity,
)
from gateway.reads.masking import masked_groups

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


def test_a_name_in_the_column_of_an_addresss_codes_is_sealed_with_the_detail():
    slipped = {"province": "12", "commune": "012090000001", "commune_on": "Lò Văn Pâng", "detail": "Bản Bo"}
    for address, opened, secret in (
        (slipped, {"province": "12"}, {name: value for name, value in slipped.items() if name != "province"}),
        ({"province": "Lò", "commune": None}, {"commune": None}, {"province": "Lò"}),
        ({"commune": "03388", "detail": None}, {"commune": "03388"}, None),
        ({"commune": "3388", "commune_on": "2026-07-05"}, {"commune": "3388", "commune_on": "2026-07-05"}, ...),
    ):
        groups: Groups = {"residence": {"permanent": cast(Json, address)}}
        found = split_identity(groups)
        sealed = {} if secret is ... else {"residence": {"permanent": secret}}
        assert found == ({"residence": {"permanent": opened}}, sealed)
        assert join_identity(*found) == groups


def test_a_name_in_the_column_of_a_workplaces_codes_is_sealed_and_the_detail_stays_open():
    address: Json = {"province": "12", "commune": "Lò Văn Pâng", "detail": "Khu 2"}
    groups: Groups = {"situation": {"workplace_address": address, "job_title": "Thợ may"}}
    opened, secret = split_identity(groups)
    assert opened["situation"]["workplace_address"] == {"province": "12", "detail": "Khu 2"}
    assert secret == {"situation": {"workplace_address": {"commune": "Lò Văn Pâng"}}}
    assert join_identity(opened, secret) == groups
    assert "Lò" not in str(masked_groups(groups))


def slipped(group, field, value):
    if isinstance(value, dict):
        return not any(is_open_in_address(group, member, one) for member, one in value.items())
    return not is_open(group, field, value)


@given(GROUPS_OF_A_PERSON)
def test_the_identifying_part_holds_nothing_else_but_what_slipped_into_the_place_of_a_code(groups):
    _, identity = split_identity(groups)
    for group, values in identity.items():
        details = values if group == "residence" else {}
        known = IDENTIFYING.get(group, frozenset()) | {one for one in details if not isinstance(details[one], dict)}
        assert all(slipped(group, field, value) for field, value in values.items() if field not in known)


def test_what_is_no_code_where_a_code_should_be_is_sealed_and_masked():
    groups: Groups = {
        "situation": {"contract_started_on": "012090000001", "job_title": "Thợ may", "occupation": "7531"},
        "special": {"priority_groups": ["1", "Lò Văn Pâng"]},
        "basic": {"sex": "Lò Văn Pâng"},
    }
    opened, secret = split_identity(groups)
    assert opened == {"situation": {"job_title": "Thợ may", "occupation": "7531"}, "special": {}, "basic": {}}
    assert join_identity(opened, secret) == groups
    assert "Lò" not in str(masked_groups(groups))
    assert "012090000001" not in str(masked_groups(groups))


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
