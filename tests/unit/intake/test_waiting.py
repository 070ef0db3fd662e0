"""Admission by the wait that an entry would have, and what becomes of those who no longer wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.entry import Entry, Receipt
from gateway.errors import Busy
from gateway.intake.gather import Gathering
from gateway.intake.submission import Submission
from gateway.intake.waiting import ENTRIES_MAX, STALLED_AFTER_S, Waiting

SLICE = 64


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def refused(waiting: Waiting) -> Busy | None:
    try:
        waiting.check()
    except Busy as error:
        return error
    return None


def slices(waiting: Waiting, clock: Hand, took_s: float, times: int = 40) -> None:
    """The store needs so long for each full slice."""
    for _ in range(times):
        begun_s, clock.now_s = clock.now_s, clock.now_s + took_s
        waiting.stored(SLICE, begun_s)


def test_who_would_wait_too_long_is_refused_and_told_when_to_come_again() -> None:
    clock = Hand()
    waiting = Waiting(1.0, SLICE, clock)
    waiting.enter(SLICE)
    slices(waiting, clock, 0.64)
    assert refused(waiting) is None, "one slice is never too much"
    waiting.enter(SLICE)
    busy = refused(waiting)
    assert busy is not None
    assert (busy.code, busy.retry_after_s) == ("busy", 2)
    waiting.leave(SLICE)
    assert refused(waiting) is None


def test_a_fast_store_lets_more_wait_than_a_slow_one() -> None:
    found = []
    for took_s in (0.064, 0.64):
        clock = Hand()
        waiting = Waiting(1.0, SLICE, clock)
        waiting.enter(SLICE)
        slices(waiting, clock, took_s)
        while refused(waiting) is None:
            waiting.enter()
        found.append(waiting.entries)
    assert found == pytest.approx([1_000, 100], rel=0.1)


def test_small_slices_of_a_quiet_hour_say_nothing_of_how_fast_a_queue_goes_down() -> None:
    clock = Hand()
    waiting = Waiting(1.0, SLICE, clock)
    waiting.enter(SLICE * 4)
    for _ in range(1_000):
        clock.now_s += 0.5
        waiting.stored(1, clock.now_s - 0.5)
    assert refused(waiting) is None


def test_however_fast_the_store_is_said_to_be_there_is_a_last_number() -> None:
    clock = Hand()
    waiting = Waiting(60.0, SLICE, clock)
    waiting.enter(ENTRIES_MAX)
    slices(waiting, clock, 0.000_1)
    assert refused(waiting) is not None


def test_a_store_that_stands_still_lets_nobody_else_wait_until_something_is_stored() -> None:
    clock = Hand()
    waiting = Waiting(1.0, SLICE, clock)
    clock.now_s += STALLED_AFTER_S * 2
    assert refused(waiting) is None, "nobody waited"
    waiting.enter()
    assert refused(waiting) is None
    clock.now_s += STALLED_AFTER_S + 1
    assert refused(waiting) is not None
    waiting.stored(1, clock.now_s)
    assert refused(waiting) is None


def entry(at: int) -> Submission:
    return Submission(Entry(form="tt11_mau03", declared_on="2026-07-05", key=f"k{at}", fields={}), "commune")


async def test_more_than_can_be_stored_in_time_is_refused_and_each_answer_is_one_storing() -> None:
    """Ten times what may wait is offered while the store stands still, and again when it goes on."""
    held = threading.Event()
    stored: list[str | None] = []

    def store(submissions: Sequence[Submission]) -> list[Receipt]:
        assert held.wait(60), "the test lets go"
        stored.extend(one.key for one in submissions)
        return [Receipt(id=f"e{len(stored)}", state="accepted") for _ in submissions]

    with ThreadPoolExecutor(1) as pool:
        waiting = Waiting(0.25, SLICE)
        gathering = Gathering(store, pool, 1, SLICE, waiting)
        asked = [asyncio.create_task(gathering.submit(entry(at))) for at in range(1_500)]
        await asyncio.sleep(0)
        refusals = {at for at, task in enumerate(asked) if task.done()}
        assert waiting.entries == 1_500 - len(refusals) <= 0.25 / 0.002 + 1
        held.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        again = await gathering.submit(entry(1_500))
    assert {at for at, one in enumerate(answers) if isinstance(one, Busy)} == refusals
    assert stored == [f"k{at}" for at in [*sorted(set(range(1_500)) - refusals), 1_500]]
    assert again.state == "accepted"
    assert waiting.entries == 0


async def test_who_was_told_that_it_took_too_long_is_not_stored_afterwards() -> None:
    held, begun, stored = threading.Event(), threading.Event(), []

    def store(submissions: Sequence[Submission]) -> list[Receipt]:
        begun.set()
        assert held.wait(60), "the test lets go"
        stored.append(len(submissions))
        return [Receipt(id="e", state="accepted") for _ in submissions]

    with ThreadPoolExecutor(1) as pool:
        gathering = Gathering(store, pool, 1, SLICE)
        first = asyncio.create_task(gathering.submit(entry(0)))
        assert await asyncio.to_thread(begun.wait, 60)
        others = [asyncio.create_task(gathering.submit(entry(at))) for at in range(1, 4)]
        await asyncio.sleep(0)
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        held.set()
        await first
        await gathering.drain()
    assert stored == [1]
