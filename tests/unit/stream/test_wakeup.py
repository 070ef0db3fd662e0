"""Waking up, and pausing."""

from __future__ import annotations

import asyncio
import threading
import time

from gateway.stream.wakeup import Pause, WakeUp


async def test_a_signal_given_before_the_wait_spares_it() -> None:
    wake_up = WakeUp()
    wake_up.notify()
    assert await wake_up.wait(60)


async def test_a_signal_from_another_thread_ends_the_wait() -> None:
    wake_up = WakeUp()
    waiting = asyncio.create_task(wake_up.wait(60))
    await asyncio.sleep(0.01)
    threading.Thread(target=wake_up.notify).start()
    assert await asyncio.wait_for(waiting, 5)


async def test_many_signals_are_one() -> None:
    wake_up = WakeUp()
    for _ in range(3):
        wake_up.notify()
    assert await wake_up.wait(60)
    assert not await wake_up.wait(0.01)


async def test_without_a_signal_the_wait_ends_in_time() -> None:
    begun = time.monotonic()
    assert not await WakeUp().wait(0.02)
    assert 0.01 < time.monotonic() - begun < 2


def test_a_signal_after_the_waiters_loop_has_ended_is_harmless() -> None:
    wake_up = WakeUp()
    asyncio.run(wake_up.wait(0.001))
    wake_up.notify()


def test_the_pause_doubles_up_to_its_longest_and_starts_again_after_work() -> None:
    pause = Pause(shortest_s=0.005, longest_s=0.03)
    assert [pause.next_s() for _ in range(5)] == [0.005, 0.01, 0.02, 0.03, 0.03]
    pause.reset()
    assert pause.next_s() == 0.005


def test_a_pause_may_stay_short_for_some_looks_before_it_grows() -> None:
    pause = Pause(shortest_s=0.005, longest_s=0.02, looks_at_shortest=3)
    assert [pause.next_s() for _ in range(6)] == [0.005, 0.005, 0.005, 0.01, 0.02, 0.02]
    pause.reset()
    assert [pause.next_s() for _ in range(4)] == [0.005, 0.005, 0.005, 0.01]
