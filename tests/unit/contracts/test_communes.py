"""Commune codes mean nothing without a day: the same code names different areas before and after 01/7/2025."""

import pytest

from contracts.communes import ALL, current, find, old_units


def test_thirty_eight_communes_took_over_all_old_units():
    assert len({commune.code for commune in ALL}) == 38
    assert len({unit.old_code for unit in old_units()}) == 106
    assert {unit.new_code for unit in old_units()} == {commune.code for commune in ALL}


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("03387", "2025-06-30", "Phường Tân Phong"),
        ("03387", "2025-07-01", None),
        ("03408", "2025-07-01", "Phường Tân Phong"),
        # Mường Than's old code, and Phúc Than's: the second is the code of today's Mường Than.
        ("03619", "2024-01-01", "Xã Than Uyên"),
        ("03618", "2024-01-01", "Xã Mường Than"),
        ("03391", None, "Phường Đoàn Kết"),
        ("99999", None, None),
        ("99999", "2024-01-01", None),
    ],
)
def test_a_code_is_resolved_by_the_day_on_which_it_was_valid(code, on, name):
    commune = current(code, on)
    assert (commune.name if commune else None) == name


def test_every_new_code_means_itself_from_the_first_day_on():
    for commune in ALL:
        assert current(commune.code, commune.valid_from) == current(commune.code, None) == commune


def test_every_old_code_led_to_its_new_commune_until_the_last_day():
    for unit in old_units():
        commune = current(unit.old_code, "2025-06-30")
        assert commune is not None
        assert commune.code == unit.new_code


@pytest.mark.parametrize(
    "typed",
    [
        "Xã Pa Ủ",
        "pa ủ",
        "PA U",
        "xa pa u",
        "X. Pa Ủ",
        "x.Pa Ủ",
        "  Xã  Pa Ủ ",
        "Xã Pa Ủ, tỉnh Lai Châu",
        "Xa\u0303 Pa U\u0309",
    ],
)
def test_a_commune_is_found_as_people_type_it(typed):
    commune = find(typed)
    assert commune is not None
    assert commune.code == "03442"


@pytest.mark.parametrize("typed", ["", "xã", "Giang Ma", "Hà Nội"])
def test_no_commune_is_guessed(typed):
    assert find(typed) is None


def test_every_commune_is_found_by_its_own_name_without_kind_and_accents():
    for commune in ALL:
        assert find(commune.name) == find(commune.name.split(" ", 1)[1]) == commune
