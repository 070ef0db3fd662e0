from typing import get_args

import pytest

from contracts.worker import GROUPS, Source
from gateway.golden import precedence, rank

# Of the decree. A system that is added later needs a row only where it has a word of its own.
SOURCES = ("form", "population", "social_insurance", "labour_market")

# NĐ 318/2025 Điều 8, read by hand: who is believed first for each group.
BELIEVED_FIRST = {
    "basic": {"population"},
    "residence": {"population"},
    "education": {"form", "labour_market"},
    "situation": {"form", "labour_market"},
    "insurance": {"social_insurance"},
    "special": {"form"},
    "needs": {"form", "labour_market"},
}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("source", SOURCES)
def test_the_table_ranks_every_source_for_every_group(group, source):
    assert (group, source) in precedence._table()
    assert 1 <= rank(group, source) <= 3


@pytest.mark.parametrize("group", GROUPS)
def test_the_sources_that_the_decree_names_are_believed_first(group):
    assert {source for source in SOURCES if rank(group, source) == 1} == BELIEVED_FIRST[group]


@pytest.mark.parametrize("group", GROUPS)
def test_what_a_person_declared_is_never_believed_least(group):
    assert rank(group, "form") < max(rank(group, source) for source in SOURCES)


def test_the_table_names_nothing_that_does_not_exist():
    named = set(precedence._table())
    assert named <= {(group, source) for group in GROUPS for source in get_args(Source)}
    assert named >= {(group, source) for group in GROUPS for source in SOURCES}


def test_an_unlisted_source_is_believed_last():
    assert rank("basic", "hearsay") > max(rank("basic", source) for source in SOURCES)
