"""Code lists: every file loads, labels are found as people type them, validity has dates."""

from datetime import date, timedelta

import pytest

from contracts.codelists import load, names


@pytest.mark.parametrize("name", names())
def test_every_list_loads_with_codes_and_whole_rows(name):
    codelist = load(name)
    assert codelist.name == name
    assert len(codelist) > 0
    assert all(code and code == code.strip() for code in codelist)
    assert all(None not in row and None not in row.values() for row in codelist.rows)


def test_an_unknown_list_is_a_key_error():
    for name in ("no_such_list", "validity", "../names", ""):
        with pytest.raises(KeyError):
            load(name)


def test_a_list_is_read_once():
    assert load("gender") is load("gender")


@pytest.mark.parametrize(
    ("name", "count"),
    [("laichau_communes_2025", 38), ("laichau_old_to_new_units", 106), ("ethnic_groups", 55), ("provinces_2025", 34),
     ("cccd_province_codes", 63), ("vsic2025_l1", 22), ("occupation_vsco2020_l1_l2", 58)],
)  # fmt: skip
def test_official_lists_have_the_official_number_of_codes(name, count):
    assert len(load(name)) == len(load(name).rows) == count


def test_labels_come_in_both_languages_and_fall_back_to_vietnamese():
    assert load("gender").label("2") == "Nữ"
    assert load("gender").label("2", "en") == "Female"
    assert load("laichau_communes_2025").label("03388", "en") == "Phường Đoàn Kết"
    assert load("gender").label("9") is None


@pytest.mark.parametrize(
    ("name", "typed", "code"),
    [
        ("gender", "nam", "1"), ("gender", " NU ", "2"), ("gender", "2", "2"),
        ("economic_activity_status", "người  có việc làm", "1"),
        ("economic_activity_status", "Nguoi that nghiep", "2"),
        ("ethnic_groups", "Mèo", "08"), ("ethnic_groups", "khơ mú", "29"),
        ("laichau_communes_2025", "Pa Tần", "03503"),
        ("gender", "khác", None), ("gender", "", None), ("gender", "..", None),
    ],
)  # fmt: skip
def test_a_label_is_found_as_people_type_it(name, typed, code):
    assert load(name).code_of(typed) == code


@pytest.mark.parametrize("name", names())
def test_every_unique_label_finds_its_own_code(name):
    codelist = load(name)
    labels = {code: codelist.label(code) for code in codelist}
    for code, label in labels.items():
        if label and list(labels.values()).count(label) == 1:
            assert codelist.code_of(label) in {code, None}


def test_two_labels_that_differ_by_accents_alone_are_not_guessed_apart():
    old = load("laichau_old_to_new_units")
    assert old.code_of("Xã Nậm Chà") == "03473"
    assert old.code_of("Xã Nậm Cha") == "03526"
    assert old.code_of("xa nam cha") is None


@pytest.mark.parametrize(
    ("name", "code", "first", "last"),
    [
        ("laichau_communes_2025", "03388", "2025-07-01", None),
        ("laichau_old_to_new_units", "03388", None, "2025-06-30"),
        ("vsic2025_l1", "A", "2025-11-15", None),
        ("vsic2018_l1", "A", None, "2025-11-14"),
        ("technical_qualification_nd318", "1", "2026-01-01", None),
        ("occupation_vsco2020_l1_l2", "01", "2021-01-15", None),
    ],
)
def test_a_code_holds_from_its_first_day_to_its_last(name, code, first, last):
    codelist = load(name)
    for edge, outwards in ((first, -1), (last, 1)):
        if edge is not None:
            day = date.fromisoformat(edge)
            assert codelist.valid_on(code, edge)
            assert codelist.valid_on(code, day)
            assert not codelist.valid_on(code, day + timedelta(days=outwards))


def test_a_list_without_dates_always_holds_and_an_unknown_code_never():
    assert load("gender").valid_on("1", "1950-01-01")
    assert not load("gender").valid_on("7", "2026-01-01")


def test_occupation_and_industry_parents_are_codes_of_the_same_list():
    for name in ("occupation_vsco2020_l1_l2", "vsic2025_l1_l3"):
        assert all(row["parent"] in load(name) for row in load(name).rows if row["parent"])
