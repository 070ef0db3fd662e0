"""Waking a loop that polls: a signal that any thread may give, and a pause that grows while nothing comes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

PAUSE_S_MIN: Final = 0.005
PAUSE_S_MAX: Final = 0.25


class WakeUp:
    """One waiter's signal. Several signals before the wait are one; none is lost."""

    def __init__(self) -> None:
        self._given = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Wake the waiter, or spare it its next wait. From any thread; costs nothing worth counting."""
        if self._given:
            return
        # First the flag, then the loop; `wait` does it the other way round, so that one of the two sees the other.
        self._given = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the waiter's loop has ended: nobody is left to be woken
                self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, timeout_s: float) -> bool:
        """Wait for the signal, at most `timeout_s`; says whether it was given."""
        self._loop = asyncio.get_running_loop()
        if not self._given:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._event.wait()
        was_given, self._given = self._given, False
        self._event.clear()
        return was_given


class Pause:
    """How long to wait before looking again: short after work, longer while idle, so that idling costs little."""

    def __init__(
        self, shortest_s: float = PAUSE_S_MIN, longest_s: float = PAUSE_S_MAX, looks_at_shortest: int = 1
    ) -> None:
        """So many waits are the shortest; each after them is twice the one before."""
        self._shortest_s = shortest_s
        self._longest_s = longest_s
        self._looks_at_shortest = looks_at_shortest
        self.reset()

    def reset(self) -> None:
        """There was work: look again soon."""
        self._next_s = self._shortest_s
        self._short_looks_left = self._looks_at_shortest

    def next_s(self) -> float:
        """The wait from now, in seconds; sooner or later the one after it is twice as long."""
        present_s = self._next_s
        self._short_looks_left -= 1
        if self._short_looks_left <= 0:
            self._next_s = min(present_s * 2, self._longest_s)
        return present_s
