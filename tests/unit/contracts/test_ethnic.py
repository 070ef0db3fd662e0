"""Ethnic groups: names and local names, and the census's other numbering."""

import pytest

from contracts.codelists import load
from contracts.ethnic import code_of, from_gso, gso_code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("08", "08"), ("8", "08"), ("Mông", "08"), ("H'Mông", "08"), ("H’MÔNG", "08"), ("Hmong", "08"), ("Mèo", "08"),
        ("dân tộc Thái", "03"), ("người Hà Nhì", "35"), ("Khơ Mú", "29"), ("khơ-mú", "29"), ("Lự", "42"),
        ("la hủ", "41"), ("Người nước ngoài", "55"), ("Giay", "25"), ("", None), ("00", None), ("56", None),
        ("Klingon", None),
    ],
)  # fmt: skip
def test_a_group_is_found_by_code_name_or_local_name(typed, code):
    assert code_of(typed) == code


@pytest.mark.parametrize(("code", "gso"), [("25", "26"), ("29", "23"), ("35", "33"), ("41", "39"), ("01", "01")])
def test_the_census_numbers_groups_of_the_province_otherwise(code, gso):
    assert gso_code(code) == gso
    assert from_gso(gso) == code


def test_the_two_numberings_are_one_to_one_over_the_54_groups():
    codes = sorted(set(load("ethnic_groups")) - {"55"})
    assert sorted(filter(None, map(gso_code, codes))) == codes
    assert [from_gso(gso_code(code) or "") for code in codes] == codes


def test_foreigners_and_unknown_codes_have_no_census_number():
    assert gso_code("55") is gso_code("99") is from_gso("55") is None
