"""Workers held back after a failure."""

from __future__ import annotations

from gateway.relay.held_back import HeldBack
from gateway.relay.settings import RelaySettings

SETTINGS = RelaySettings(retry_s_min=1.0, retry_s_max=5.0, held_workers_max=2)


class Seconds:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_worker_is_tried_again_after_a_wait_that_doubles_up_to_its_longest() -> None:
    seconds = Seconds()
    held = HeldBack(SETTINGS, seconds)
    for wait_s in (1.0, 2.0, 4.0, 5.0, 5.0):
        held.hold(["worker"])
        seconds.now += wait_s - 0.01
        assert list(held.workers()) == ["worker"]
        seconds.now += 0.02
        assert list(held.workers()) == []


def test_success_forgets_the_failures() -> None:
    seconds = Seconds()
    held = HeldBack(SETTINGS, seconds)
    held.hold(["worker"])
    held.hold(["worker"])
    held.release(["worker", "another"])
    held.hold(["worker"])
    seconds.now += 1.01
    assert list(held.workers()) == []


def test_it_is_full_while_as_many_wait_as_the_limit_says() -> None:
    seconds = Seconds()
    held = HeldBack(SETTINGS, seconds)
    held.hold(["one"])
    assert not held.is_full()
    held.hold(["two"])
    assert held.is_full()
    seconds.now += 1.01
    assert not held.is_full()
