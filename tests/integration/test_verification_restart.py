"""A process that dies while it asks leaves nobody waiting for the end of a lease."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.integration.test_verification import World


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.database.close()


async def _run_until(world: World, done: asyncio.Event) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(world.asking.run(stop))
    try:
        async with asyncio.timeout(5):
            await done.wait()
    finally:
        stop.set()
        await running


async def test_whoever_was_taken_by_a_process_that_died_is_asked_for_when_the_next_one_starts(world: World) -> None:
    worker = world.enter("012090000001")
    await world.listening.step()
    assert world.asking._take(8)  # taken, and the process dies before it asks
    assert world.asking._take(8) == []

    done, verify = asyncio.Event(), world.population.verify

    async def verified(claim):
        done.set()
        return await verify(claim)

    world.population.verify = verified  # type: ignore[method-assign]  # listens as well
    await _run_until(world, done)
    assert world.outcome(worker) == "verified"
    assert len(world.population.asked) == 1


async def test_a_start_does_not_hurry_whoever_population_did_not_answer_for(world: World) -> None:
    worker = world.enter("012090000001")
    world.population.down = True
    await world.settle()
    assert world.outcome(worker) == "no_answer"
    world.asking._resume()
    assert world.asking._take(8) == []
