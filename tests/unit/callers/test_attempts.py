"""Failed attempts are slowed by address, and whoever proves who he is is not (requirement 13)."""

from __future__ import annotations

import pytest

from gateway.callers import attempts
from gateway.callers.attempts import FAILURES_MAX, FAILURES_PER_S, Attempts
from gateway.errors import TooMuch

HERE, THERE = "192.0.2.1", "192.0.2.2"


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def exhausted(clock: Clock, name: str | None = None) -> Attempts:
    made = Attempts(clock)
    for _ in range(FAILURES_MAX):
        made.failed(HERE, name)
    return made


@pytest.mark.parametrize("name", [None, "program"])
def test_requirement_13_too_many_failures_are_told_to_come_later_and_may(name: str | None) -> None:
    clock = Clock()
    made = exhausted(clock, name)
    with pytest.raises(TooMuch, match="too-many-attempts") as refused:
        made.failed(HERE, name)
    assert refused.value.retry_after_s
    clock.now_s = 1.0
    for _ in range(FAILURES_PER_S):
        made.failed(HERE, name)
    with pytest.raises(TooMuch):
        made.failed(HERE, name)


def test_another_address_is_not_concerned() -> None:
    made = exhausted(Clock())
    made.failed(THERE)


def test_who_floods_one_name_keeps_no_other_out() -> None:
    made = exhausted(Clock(), "program")
    with pytest.raises(TooMuch):
        made.check(HERE, "program")
    made.check(THERE, "program")
    free = 0
    for number in range(100):
        try:
            made.check(HERE, f"other-{number}")
            free += 1
        except TooMuch:
            pass
    assert free > 90


def test_memory_is_bounded_however_many_addresses_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_ADDRESSES_MAX", 5)
    made = exhausted(Clock())
    for number in range(50):
        made.failed(f"198.51.100.{number}")
    assert len(made._buckets) == 5
