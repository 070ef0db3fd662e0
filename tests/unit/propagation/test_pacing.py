"""Backoff, breaker, bucket: arithmetic over time that is passed in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pacing.backoff import Backoff
from gateway.pacing.breaker import Breaker, BreakerSettings
from gateway.pacing.bucket import Bucket
from gateway.propagation.settings import TargetSettings

SETTINGS = BreakerSettings(failures_max=2, open_s=2.0, open_longest_s=5.0)


def opened() -> Breaker:
    breaker = Breaker(SETTINGS)
    breaker.failed(0.0, "timeout")
    breaker.failed(0.0, "timeout")
    return breaker


def test_backoff_doubles_up_to_the_longest() -> None:
    backoff = Backoff(1.0, 10.0)
    assert [backoff.delay_s(attempts, lambda: 1.0) for attempts in range(1, 7)] == [1, 2, 4, 8, 10, 10]


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_backoff_is_jittered_over_its_whole_length_and_never_beyond(attempts: int, drawn: float) -> None:
    assert 0 <= Backoff(0.5, 30.0).delay_s(attempts, lambda: drawn) <= 30.0
    assert Backoff(0.5, 30.0).delay_s(attempts, lambda: 0.0) == 0.0


@pytest.mark.parametrize(("first_s", "longest_s"), [(0, 1), (2, 1), (-1, 1)])
def test_backoff_out_of_bounds_is_refused(first_s: float, longest_s: float) -> None:
    with pytest.raises(ValueError, match="first_s"):
        Backoff(first_s, longest_s)


def test_the_breaker_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(SETTINGS)
    breaker.failed(0.0, "timeout")
    breaker.answered()
    breaker.failed(0.0, "timeout")
    assert breaker.state(0.0) == "closed"
    breaker.failed(0.0, "timeout")
    assert (breaker.state(0.0), breaker.allows(8, 1.9), breaker.cause) == ("open", 0, "timeout")


def test_a_half_open_breaker_lets_one_probe_through_at_a_time() -> None:
    breaker = opened()
    assert breaker.allows(8, 2.0) == 1
    breaker.started(2.0)
    assert breaker.allows(8, 2.0) == 0
    breaker.answered()
    assert breaker.allows(8, 2.0) == 8


def test_each_probe_that_fails_lengthens_the_pause_up_to_a_bound() -> None:
    breaker = opened()
    now_s, waits = 2.0, []
    for _ in range(3):
        breaker.started(now_s)
        breaker.failed(now_s, "timeout")
        waits.append(breaker.wait_s(now_s))
        now_s += waits[-1]
    assert waits == [4.0, 5.0, 5.0]


def test_calls_that_were_under_way_when_it_opened_do_not_lengthen_the_pause() -> None:
    breaker = opened()
    breaker.failed(1.0, "timeout")
    assert breaker.wait_s(1.0) == 1.0


def test_the_systems_own_word_on_when_to_come_back_holds_even_after_one_failure() -> None:
    breaker = Breaker(SETTINGS)
    breaker.failed(0.0, "quota", retry_after_s=60)
    assert breaker.allows(8, 59.0) == 0
    assert breaker.allows(8, 60.0) == 8


def test_an_open_breaker_is_reset_by_hand() -> None:
    breaker = Breaker(SETTINGS)
    breaker.failed(0.0, "quota", retry_after_s=300.0)
    assert breaker.wait_s(0.0) == 300.0
    breaker.reset()
    assert breaker.state(0.0) == "closed"


def test_a_bucket_gives_what_it_has_and_refills_up_to_its_size() -> None:
    bucket = Bucket(size=10, refill_per_s=2)
    assert bucket.take(10, 0.0)
    assert not bucket.take(1, 0.0)
    assert bucket.available(1.0) == 2
    bucket.give(100)
    assert bucket.available(1.0) == 10


def test_a_bucket_made_smaller_keeps_no_more_than_fits_and_refills_at_the_new_pace() -> None:
    bucket = Bucket(size=10, refill_per_s=10)
    bucket.resize(size=4, refill_per_s=1)
    assert bucket.take(4, 0.0)
    assert bucket.available(2.0) == 2
    bucket.resize(size=10, refill_per_s=10)
    assert bucket.available(2.0) == 2


def test_a_clock_that_goes_back_refills_nothing() -> None:
    bucket = Bucket(size=10, refill_per_s=2)
    bucket.take(10, 5.0)
    assert bucket.available(1.0) == 0


def test_a_lease_shorter_than_the_call_it_protects_is_refused() -> None:
    with pytest.raises(ValueError, match="lease_s"):
        TargetSettings(call_timeout_s=30, lease_s=30)
