from dataclasses import replace

import pytest

from contracts.worker import Groups
from gateway.golden.match import (
    CMND,
    CMND_PERSON,
    NAME_BIRTH,
    PERSONAL_NUMBER,
    SOCIAL_INSURANCE_NUMBER,
    Identity,
    identity_of,
    match,
)

NUMBER, OLD_NUMBER, INSURANCE = "012194000123", "045123456", "1200000123"
MAI = Identity(NUMBER, None, None, "LÒ THỊ MAI", "1994-05-12")
MAI_BY_CMND = Identity(None, OLD_NUMBER, None, "LÒ THỊ MAI", "1994-05-12")
HELD = {"basic": {"full_name": "LÒ THỊ MAI", "birth_date": "1994-05-12", "personal_number": NUMBER}}
HELD_BY_CMND = {"basic": {"full_name": "LÒ THỊ MAI", "birth_date": "1994-05-12", "cmnd": OLD_NUMBER}}


def find(identity, owners, held=HELD, source="form"):
    return match(identity, owners, lambda worker_id: held if isinstance(held, dict) else held(worker_id), source)


def doubt(found):
    assert found.worker_id is None
    assert found.doubt.severity == "refuse"
    return found.doubt.rule


def test_the_holder_of_the_personal_number_is_found():
    assert find(MAI, {PERSONAL_NUMBER: ["mai"]}).worker_id == "mai"


def test_an_unknown_number_is_a_person_not_known_yet():
    found = find(MAI, {})
    assert (found.worker_id, found.doubt, found.remarks) == (None, None, ())


def test_a_mistyped_number_does_not_write_into_a_strangers_record():
    stranger = replace(MAI, full_name="GIÀNG A PÁO", birth_date="1980-01-02")
    assert doubt(find(stranger, {PERSONAL_NUMBER: ["mai"]})) == "SACH-101"


@pytest.mark.parametrize(
    "identity",
    [
        replace(MAI, full_name="LÒ THỊ MAY"),
        replace(MAI, full_name="GIÀNG A PÁO", birth_date="1994"),
        replace(MAI, full_name="LO THI MAI", birth_date="1980"),
    ],
)
def test_a_name_alone_that_differs_is_a_warning(identity):
    found = find(identity, {PERSONAL_NUMBER: ["mai"]})
    assert found.worker_id == "mai"
    assert [(one.rule, one.severity) for one in found.remarks] == [("SACH-105", "warn")]


def test_a_birth_date_alone_that_differs_is_for_the_merge():
    found = find(replace(MAI, birth_date="1980"), {PERSONAL_NUMBER: ["mai"]})
    assert (found.worker_id, found.remarks) == ("mai", ())


def test_the_population_database_says_who_holds_a_number():
    corrected = replace(MAI, full_name="GIÀNG A PÁO", birth_date="1980-01-02")
    found = find(corrected, {PERSONAL_NUMBER: ["mai"]}, source="population")
    assert (found.worker_id, found.doubt) == ("mai", None)


def test_a_number_of_one_and_a_social_insurance_number_of_another_person_are_two_people():
    identity = replace(MAI, social_insurance_number=INSURANCE)
    assert doubt(find(identity, {PERSONAL_NUMBER: ["mai"], SOCIAL_INSURANCE_NUMBER: ["pao"]})) == "SACH-102"


def test_a_new_number_with_the_social_insurance_number_of_a_known_person_is_in_doubt():
    identity = replace(MAI, social_insurance_number=INSURANCE)
    assert doubt(find(identity, {SOCIAL_INSURANCE_NUMBER: ["pao"]})) == "SACH-102"


def test_number_and_social_insurance_number_of_one_person_agree():
    identity = replace(MAI, social_insurance_number=INSURANCE)
    assert find(identity, {PERSONAL_NUMBER: ["mai"], SOCIAL_INSURANCE_NUMBER: ["mai"]}).worker_id == "mai"


def test_the_old_number_finds_a_person_only_with_name_and_birth_date():
    assert find(MAI_BY_CMND, {CMND_PERSON: ["mai"], CMND: ["mai"]}).worker_id == "mai"


def test_the_old_number_under_another_name_is_in_doubt():
    other = replace(MAI_BY_CMND, full_name="GIÀNG A PÁO")
    assert doubt(find(other, {CMND: ["mai"]}, HELD_BY_CMND)) == "SACH-103"


def test_the_old_number_with_another_birth_date_is_in_doubt():
    other = replace(MAI_BY_CMND, birth_date="1994")
    assert doubt(find(other, {CMND: ["mai"]}, HELD_BY_CMND)) == "SACH-103"


def test_the_old_number_of_several_people_is_in_doubt():
    assert doubt(find(MAI_BY_CMND, {CMND: ["mai", "pao"]}, HELD_BY_CMND)) == "SACH-103"


def test_the_old_number_of_several_people_is_in_doubt_though_one_of_them_has_the_name():
    people = {
        "mai": HELD_BY_CMND,
        "pao": {"basic": {"full_name": "GIÀNG A PÁO", "birth_date": "1980", "cmnd": OLD_NUMBER}},
    }
    assert doubt(find(MAI_BY_CMND, {CMND: ["mai", "pao"]}, lambda worker_id: people[worker_id])) == "SACH-103"


def test_the_old_number_with_the_tone_placed_otherwise_is_the_same_person():
    held = {"basic": {"full_name": "LÒ THỊ HÒA", "birth_date": "1994-05-12", "cmnd": OLD_NUMBER}}
    assert find(replace(MAI_BY_CMND, full_name="LÒ THỊ HOÀ"), {CMND: ["hoa"]}, held).worker_id == "hoa"


def test_an_unknown_old_number_with_name_and_birth_date_is_a_person_not_known_yet():
    found = find(MAI_BY_CMND, {})
    assert (found.worker_id, found.doubt) == (None, None)


@pytest.mark.parametrize("identity", [replace(MAI_BY_CMND, full_name=None), replace(MAI_BY_CMND, birth_date=None)])
def test_an_old_number_without_name_and_birth_date_makes_nobody(identity):
    assert identity.anchor is None
    assert doubt(find(identity, {})) == "SACH-107"


def test_old_number_and_social_insurance_number_of_two_people_are_in_doubt():
    identity = replace(MAI_BY_CMND, social_insurance_number=INSURANCE)
    assert doubt(find(identity, {CMND_PERSON: ["mai"], SOCIAL_INSURANCE_NUMBER: ["pao"]})) == "SACH-102"
    assert doubt(find(identity, {SOCIAL_INSURANCE_NUMBER: ["pao"]})) == "SACH-103"


def test_a_person_known_by_the_old_number_alone_may_show_the_personal_number():
    both = replace(MAI, cmnd=OLD_NUMBER)
    assert find(both, {CMND_PERSON: ["mai"], CMND: ["mai"]}, HELD_BY_CMND).worker_id == "mai"


def test_a_person_who_has_another_personal_number_is_in_doubt():
    both = replace(MAI, cmnd=OLD_NUMBER, personal_number="012194000999")
    assert doubt(find(both, {CMND_PERSON: ["mai"], CMND: ["mai"]}, HELD)) == "SACH-102"


def test_personal_and_old_number_of_two_people_are_in_doubt():
    both = replace(MAI, cmnd=OLD_NUMBER)
    assert doubt(find(both, {PERSONAL_NUMBER: ["mai"], CMND_PERSON: ["pao"]}, HELD_BY_CMND)) == "SACH-102"


def test_the_social_insurance_number_alone_finds_its_holder():
    identity = Identity(None, None, INSURANCE, None, None)
    assert find(identity, {SOCIAL_INSURANCE_NUMBER: ["mai"]}).worker_id == "mai"


@pytest.mark.parametrize("owners", [{}, {NAME_BIRTH: ["mai"]}])
def test_a_name_and_a_birth_date_identify_nobody(owners):
    identity = Identity(None, None, None, "LÒ THỊ MAI", "1994-05-12")
    assert identity.anchor is None
    assert doubt(find(identity, owners)) == "SACH-107"


def test_a_namesake_of_the_same_birth_date_is_only_a_note():
    found = find(MAI, {PERSONAL_NUMBER: ["mai"], NAME_BIRTH: ["mai", "another"]})
    assert found.worker_id == "mai"
    assert [(one.rule, one.severity) for one in found.remarks] == [("SACH-104", "note")]
    assert find(MAI, {PERSONAL_NUMBER: ["mai"], NAME_BIRTH: ["mai"]}).remarks == ()
    assert [one.rule for one in find(MAI, {NAME_BIRTH: ["another"]}).remarks] == ["SACH-104"]


def test_no_finding_shows_a_value_that_identifies():
    stranger = replace(MAI, full_name="GIÀNG A PÁO", birth_date="1980-01-02", social_insurance_number=INSURANCE)
    for owners in ({PERSONAL_NUMBER: ["mai"]}, {PERSONAL_NUMBER: ["mai"], SOCIAL_INSURANCE_NUMBER: ["pao"]}):
        found = find(stranger, owners)
        assert found.doubt.values == ()


def test_the_kinds_of_an_identity_and_what_they_are_indexed_by():
    both = replace(MAI, cmnd=OLD_NUMBER, social_insurance_number=INSURANCE)
    assert both.values() == {
        PERSONAL_NUMBER: NUMBER,
        SOCIAL_INSURANCE_NUMBER: INSURANCE,
        CMND: OLD_NUMBER,
        NAME_BIRTH: "lò thị mai|1994-05-12",
        CMND_PERSON: f"{OLD_NUMBER}|lò thị mai|1994-05-12",
    }
    assert (MAI.anchor, MAI_BY_CMND.anchor) == (PERSONAL_NUMBER, CMND_PERSON)


def test_spellings_of_one_name_have_one_index():
    assert MAI.values()[NAME_BIRTH] == replace(MAI, full_name=" lò  thị\u200b mai ").values()[NAME_BIRTH]


@pytest.mark.parametrize(
    ("group", "field", "value"),
    [
        ("basic", "personal_number", "12194000123"),
        ("basic", "personal_number", 12194000123),
        ("basic", "cmnd", "04512345x"),
        ("insurance", "social_insurance_number", "1.2E+09"),
        ("basic", "full_name", ""),
    ],
)
def test_a_malformed_value_identifies_nobody(group, field, value):
    identity = identity_of({group: {field: value}})
    assert getattr(identity, field) is None
    assert identity.values() == {}


def test_the_identity_of_groups():
    groups: Groups = {
        "basic": {"full_name": "LÒ THỊ MAI", "birth_date": "1994-05-12", "personal_number": NUMBER, "cmnd": None},
        "insurance": {"social_insurance_number": INSURANCE},
    }
    assert identity_of(groups) == replace(MAI, social_insurance_number=INSURANCE)
