"""Personal numbers, CMND and social-insurance numbers: read strictly, repaired by proposal, never shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.identifiers import (
    IdentifierInvalid,
    OldIdentityNumber,
    PersonalNumber,
    SocialInsuranceNumber,
    looks_like_scientific,
    mask,
    repair_lost_zero,
)

serials = st.integers(1, 999_999).map("{:06d}".format)


@given(st.integers(0, 9), st.integers(0, 99), serials)
def test_century_digit_tells_sex_and_century(century, year, serial):
    number = PersonalNumber.parse(f"012{century}{year:02d}{serial}")
    assert number.sex == ("1" if century % 2 == 0 else "2")
    assert number.birth_year == 1900 + century // 2 * 100 + year
    assert number.birth_place_code == "012"


def test_a_woman_born_in_2003_and_registered_in_lai_chau():
    number = PersonalNumber.parse(" 012303000017 ")
    assert (number, number.sex, number.birth_year) == ("012303000017", "2", 2003)
    assert number.birth_place_known


@pytest.mark.parametrize("number", ["999090000001", "000090000001", "003090000001"])
def test_an_unknown_place_of_birth_registration_is_no_error(number):
    assert not PersonalNumber.parse(number).birth_place_known


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("01209000001", "wrong-length"),
        ("0120900000011", "wrong-length"),
        ("01209000000A", "not-digits"),
        ("012 090 000 001", "not-digits"),
        ("٠١٢٠٩٠٠٠٠٠٠١", "not-digits"),
        ("012090000000", "serial-zero"),
        ("1.2E+10", "scientific"),
        (12090000001, "not-text"),
        (None, "not-text"),
    ],
)
def test_a_wrong_personal_number_says_what_is_wrong(text, code):
    with pytest.raises(IdentifierInvalid) as caught:
        PersonalNumber.parse(text)
    assert (caught.value.code, caught.value.value_kind) == (code, "personal_number")


@given(st.text(alphabet="0123456789 X", min_size=5, max_size=11))
def test_an_error_never_repeats_the_text(text):
    with pytest.raises(IdentifierInvalid) as caught:
        PersonalNumber.parse(text)
    assert text not in f"{caught.value} {caught.value!r} {caught.value.args}" or not text.strip()


def test_a_number_does_not_show_itself_in_a_trace():
    assert repr(PersonalNumber.parse("012303000017")) == "PersonalNumber(012*******17)"


@pytest.mark.parametrize(("kind", "length"), [(OldIdentityNumber, 9), (SocialInsuranceNumber, 10)])
def test_shorter_numbers_have_one_length(kind, length):
    assert kind.parse("0" * (length - 1) + "1") == "0" * (length - 1) + "1"
    for other in (length - 1, length + 1):
        with pytest.raises(IdentifierInvalid, match="wrong-length"):
            kind.parse("1" * other)


@given(st.sampled_from(["001", "011", "012", "096"]), st.integers(0, 9), st.integers(0, 99), serials)
def test_a_lost_leading_zero_is_proposed_back(place, century, year, serial):
    number = f"{place}{century}{year:02d}{serial}"
    assert repair_lost_zero(number[1:]) == number


@pytest.mark.parametrize("text", ["", "1209000001", "012090000001", "99090000001", "12090000000", "1209000000A"])
def test_nothing_is_proposed_where_no_believable_number_results(text):
    assert repair_lost_zero(text) is None


@pytest.mark.parametrize("text", ["1.2E+10", "1,20E+10", "1E10", " 1.2e+010 ", "12E+9"])
def test_a_number_rounded_by_a_spreadsheet_is_recognised(text):
    assert looks_like_scientific(text)


@pytest.mark.parametrize("text", ["012090000001", "E10", "1.2", "H'E+1", "1.2E", ""])
def test_other_texts_are_not_taken_for_rounded_numbers(text):
    assert not looks_like_scientific(text)


@given(st.text(max_size=20))
def test_a_mask_keeps_the_length_and_at_most_five_characters(text):
    masked = mask(text)
    assert len(masked) == len(text)
    assert masked.count("*") >= min(len(text), 3)
    assert mask("012303000056") == "012*******56"
