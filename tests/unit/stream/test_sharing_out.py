"""How a poll divides its limit among the partitions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.stream.embedded_reader import share_out

PARTITIONS = st.dictionaries(st.tuples(st.just("topic"), st.integers(0, 11)), st.integers(1, 50), max_size=12)


@given(PARTITIONS, st.integers(1, 100), st.integers(0, 40))
def test_the_limit_is_used_up_as_far_as_there_is_something(waiting: dict, limit: int, turn: int) -> None:
    shares = share_out(waiting, limit, turn)
    assert sum(shares.values()) == min(limit, sum(waiting.values()))
    assert all(0 < count <= waiting[key] for key, count in shares.items())


def test_a_long_partition_leaves_the_others_their_share() -> None:
    shares = share_out({("t", 0): 1_000, ("t", 1): 10, ("t", 2): 10}, 30, 0)
    assert shares == {("t", 0): 10, ("t", 1): 10, ("t", 2): 10}


def test_with_a_limit_of_one_every_partition_gets_its_turn() -> None:
    waiting = {("t", number): 5 for number in range(3)}
    assert {next(iter(share_out(waiting, 1, turn))) for turn in range(3)} == set(waiting)
