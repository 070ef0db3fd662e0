"""Resting between two looks: a loop that is told to stop does not sleep on."""

from __future__ import annotations

import asyncio


async def rest(until: asyncio.Event, seconds: float) -> None:
    """Return after so many seconds, or as soon as the event is set."""
    try:
        async with asyncio.timeout(seconds):
            await until.wait()
    except TimeoutError:
        return
