"""Propagation when targets, calls and processes fail: nobody else waits, and the newest view wins in the end."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator

import pytest

from contracts.adapter_port import Delivery, Refused, TryLater
from tests.propagation_world import SETTINGS, World


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.database.close()


async def test_an_outage_heals_by_itself_and_ten_changes_are_one_call(world: World) -> None:
    worker = world.people.add("012090000001")
    world.target.down = TryLater("maintenance")
    for number in range(10):
        world.people.work_as(worker, f"việc {number}")
        world.say(worker)
        await world.settle()
        world.clock.go_on(0.1)
    assert world.state(worker) == "due"
    world.target.down = None
    calls = world.target.counted["deliver"]
    world.clock.go_on(10)
    await world.settle()
    assert world.job("012090000001") == "việc 9"
    assert world.target.counted["deliver"] == calls + 1


async def test_a_person_who_fails_does_not_hold_up_the_others_of_the_batch(world: World) -> None:
    workers = [world.people.add(f"01209000000{digit}") for digit in range(3)]

    def busy(delivery: Delivery) -> Exception | None:
        return TryLater("locked") if delivery.worker_id == workers[1] else None

    world.target.refuses = busy
    for worker in workers:
        world.say(worker)
    await world.settle()
    assert [world.state(worker) for worker in workers] == ["settled", "due", "settled"]


async def test_an_answer_lost_after_the_effect_is_sent_again_even_when_the_old_view_is_wanted_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = world.people.add("012090000001", job="A")
    world.say(worker)
    await world.settle()
    world.people.work_as(worker, "B")
    world.say(worker)
    await world.wanted.step()
    with monkeypatch.context() as broken:
        broken.setattr(world.target, "deliver", _lands_but_times_out(world))
        await world.sender.drain()
    assert world.job("012090000001") == "B"
    world.people.work_as(worker, "A")
    world.say(worker)
    world.clock.go_on(5)
    await world.settle()
    assert world.job("012090000001") == "A"
    assert world.state(worker) == "settled"


def _lands_but_times_out(world: World):
    async def deliver(batch):
        for delivery in batch:
            world.target.change(delivery.view)
        raise TryLater("timeout")

    return deliver


async def test_a_crash_while_sending_is_read_back_and_settled_when_it_had_landed(world: World) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    await world.wanted.step()
    taken = world.sender._claims.take(10)
    world.target.change(taken.to_send[0].view)
    assert world.state(worker) == "sending"
    world.clock.go_on(11)
    world.sender = world.new_sender()
    await world.settle()
    assert world.state(worker) == "settled"
    assert world.target.counted == {"read": 1}


async def test_a_crash_before_the_call_is_read_back_and_sent(world: World) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    await world.wanted.step()
    world.sender._claims.take(10)
    world.clock.go_on(11)
    await world.settle()
    assert world.state(worker) == "settled"
    assert world.target.counted == {"read": 1, "deliver": 1}


async def test_a_lease_that_has_not_run_out_is_left_alone(world: World) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    await world.wanted.step()
    world.sender._claims.take(10)
    world.clock.go_on(9)
    await world.settle()
    assert world.state(worker) == "sending"
    assert world.target.counted == {}


async def test_an_older_view_that_lands_after_its_lease_was_lost_is_found_and_overwritten(world: World) -> None:
    worker = world.people.add("012090000001", job="A")
    world.say(worker)
    await world.wanted.step()
    stale = world.new_sender()
    claims = stale._claims.take(10).to_send
    world.people.work_as(worker, "B")
    world.say(worker)
    world.clock.go_on(11)
    await world.settle()
    assert world.job("012090000001") == "B"
    await stale._send(claims)
    assert world.job("012090000001") == "A"
    assert world.state(worker) == "unknown"
    await world.settle()
    assert world.job("012090000001") == "B"
    assert world.state(worker) == "settled"


async def test_an_event_that_cannot_be_read_blocks_nobody(world: World) -> None:
    worker = world.people.add("012090000001")
    world.stream.put("not a worker", b"\xff")
    world.stream.put(worker, b"[1]")
    await world.settle()
    assert world.consumer.committed == 2
    assert world.state(worker) == "settled"


async def test_a_message_on_which_the_adapter_fails_stands_alone_and_is_parked_in_the_end(world: World) -> None:
    world.with_settings(dataclasses.replace(SETTINGS, batch_faults_max=2))
    workers = [world.people.add(f"01209000000{digit}") for digit in range(8)]

    def choke(delivery: Delivery) -> Exception | None:
        if delivery.worker_id == workers[5]:
            raise KeyError("a fault of ours")
        return None

    world.target.refuses = choke
    for worker in workers:
        world.say(worker)
    await world.settle()
    assert [world.state(worker) for worker in workers].count("settled") == 7
    assert world.state(workers[5]) == "due"
    world.clock.go_on(10)
    await world.settle()
    assert [letter.cause for letter in world.letters.list()] == ["adapter-fault"]


async def test_the_breaker_opens_and_lets_one_batch_probe(world: World) -> None:
    world.with_settings(dataclasses.replace(SETTINGS, concurrency_max=1))
    world.target.batch_size_max = 1
    world.target.down = TryLater("refused-connection")
    workers = [world.people.add(f"01209000000{digit}") for digit in range(6)]
    for worker in workers:
        world.say(worker)
    await world.settle()
    assert world.target.counted["deliver"] == 2
    assert world.sender.status().breaker == "open"
    world.clock.go_on(4)
    assert world.sender.status().breaker == "half_open"
    await world.settle()
    assert world.target.counted["deliver"] == 3
    world.target.down = None
    world.clock.go_on(8)
    await world.settle()
    assert world.sender.status().breaker == "closed"
    assert {world.state(worker) for worker in workers} == {"settled"}


async def test_a_target_that_says_when_to_come_back_is_left_alone_until_then(world: World) -> None:
    worker = world.people.add("012090000001")
    world.target.faults = [TryLater("quota", retry_after_s=60)]
    world.say(worker)
    await world.settle()
    world.clock.go_on(59)
    await world.settle()
    assert world.target.counted["deliver"] == 1
    world.clock.go_on(2)
    await world.settle()
    assert world.state(worker) == "settled"


async def test_a_target_that_refuses_everything_is_paused_before_a_whole_day_is_parked(world: World) -> None:
    world.with_settings(dataclasses.replace(SETTINGS, parked_window=10, concurrency_max=1))
    world.target.batch_size_max = 10
    world.target.refuses = lambda _delivery: Refused("everything")
    workers = [world.people.add(f"0120900000{digits:02}") for digits in range(40)]
    for worker in workers:
        world.say(worker)
    await world.settle()
    assert len(world.letters.list()) == 10
    (pause,) = world.pauses.current()
    assert (pause.cause, pause.paused_by, pause.times) == ("too-many-refusals", "gateway", 1)
    world.target.refuses = lambda _delivery: None
    assert world.pauses.resume("labour_market", "local")
    world.sender.resume()
    await world.settle()
    assert sum(world.state(worker) == "settled" for worker in workers) == 30


async def test_a_call_without_an_answer_ends_at_its_timeout(world: World) -> None:
    worker = world.people.add("012090000001")
    world.target.gate = asyncio.Event()
    world.say(worker)
    await world.settle()
    status = world.status.for_worker(worker)[0]
    assert (status.state, status.cause, status.attempts) == ("due", "timeout", 1)
