"""A caller's allowance: so much at once, so much a second, and nobody pays for another."""

from __future__ import annotations

import pytest

from gateway.callers.rates import Rates
from gateway.errors import TooMuch
from gateway.permissions import TIERS, Caller

OFFICER = Caller("officer", "H35", "03388", "commune_officer", "office")
OFFICE = TIERS["office"]


class Time:
    """Seconds that pass when told."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def use_up(rates: Rates, caller: Caller = OFFICER) -> int:
    taken = 0
    while True:
        try:
            rates.take(caller)
        except TooMuch:
            return taken
        taken += 1


def test_so_many_at_once_and_then_so_many_a_second() -> None:
    time = Time()
    rates = Rates(time)
    assert use_up(rates) == OFFICE.burst
    time.now_s += 1
    assert use_up(rates) == OFFICE.requests_per_s
    time.now_s += 3_600
    assert use_up(rates) == OFFICE.burst


def test_one_callers_excess_is_not_anothers() -> None:
    """Requirement 13."""
    rates = Rates(Time())
    use_up(rates)
    assert rates.take(Caller("another", "H35", "03388", "commune_officer", "office")) is not None


def test_a_refusal_says_when_to_come_again() -> None:
    rates = Rates(Time())
    use_up(rates)
    with pytest.raises(TooMuch, match="rate-exceeded") as refused:
        rates.take(OFFICER)
    assert refused.value.retry_after_s == 1


def test_an_answer_says_what_is_left() -> None:
    rates = Rates(Time())
    allowance = rates.take(OFFICER)
    assert allowance is not None
    window_s = OFFICE.burst // OFFICE.requests_per_s
    assert allowance.headers() == {
        "RateLimit-Policy": f'"office";q={OFFICE.burst};w={window_s}',
        "RateLimit": f'"office";r={OFFICE.burst - 1};t=1',
    }


def test_the_installation_has_no_limit() -> None:
    rates = Rates(Time())
    assert all(rates.take(Caller("local", "H35", "12", "installation", "unlimited")) is None for _ in range(10_000))
