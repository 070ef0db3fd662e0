import json
import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from contracts.canonical import canonical_bytes

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_it_writes_what_rfc_8785_asks_for(value):
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(st.dictionaries(KEYS, VALUES, max_size=6), st.randoms())
def test_the_order_of_members_makes_no_difference(value, random):
    members = list(value.items())
    random.shuffle(members)
    assert canonical_bytes(dict(members)) == canonical_bytes(value)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_it_reads_back_as_it_was(value):
    assert json.loads(canonical_bytes(value)) == value


@pytest.mark.parametrize("number", [1.0, 1.5, math.nan, math.inf, 2**53, -(2**53), 2**70])
def test_numbers_on_whose_text_writers_disagree_are_refused(number):
    with pytest.raises(ValueError, match="integers"):
        canonical_bytes({"state": [{"number": number}]})


@pytest.mark.parametrize("value", [{"họ": 1}, {1: 1}, {"a": {"Đ": None}}])
def test_keys_on_whose_order_writers_disagree_are_refused(value):
    with pytest.raises(ValueError, match="ASCII"):
        canonical_bytes(value)


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"a": object()}, {"a": {1, 2}}])
def test_what_is_no_json_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        canonical_bytes(value)
