"""Agency codes: one code in two spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.agency import AgencyCode, AgencyCodeInvalid


@pytest.mark.parametrize(
    ("long", "short", "levels"),
    [
        ("000.00.00.H35", "H35", ("H35",)),
        ("000.00.12.H35", "H35.12", ("H35", "12")),
        ("000.02.01.H35", "H35.1.2", ("H35", "1", "2")),
        ("003.02.01.H35", "H35.1.2.3", ("H35", "1", "2", "3")),
    ],
)
def test_both_spellings_are_the_same_code(long, short, levels):
    assert AgencyCode.parse(long) == AgencyCode.parse(short)
    assert hash(AgencyCode.parse(long)) == hash(AgencyCode.parse(short))
    code = AgencyCode.parse(f" {short.lower()} ")
    assert (code.long, code.short, code.levels, str(code)) == (long, short, levels, short)


@given(st.sampled_from("GH"), st.integers(1, 99), st.lists(st.integers(1, 99), max_size=3))
def test_each_spelling_of_a_code_reads_back_as_that_code(letter, first, below):
    code = AgencyCode.parse(".".join([f"{letter}{first:02d}", *map(str, below)]))
    assert AgencyCode.parse(code.short) == AgencyCode.parse(code.long) == code


@pytest.mark.parametrize(
    "text", ["", "H", "35", "H35.", "H35..1", "H35.1.2.3.4", "00.00.H35", "H35.00.00.000.1", "H35.x"]
)
def test_other_texts_are_refused(text):
    with pytest.raises(AgencyCodeInvalid):
        AgencyCode.parse(text)
