"""A target that is paused, by people or by the gateway itself: for every process, and until it ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

import orjson
import pytest
from sqlalchemy import select

from contracts.adapter_port import Refused, TryLater
from contracts.worker import SystemName
from gateway.clock import instant
from gateway.errors import Conflict
from gateway.propagation.notice import Notice
from gateway.propagation.pauses import Pauses
from gateway.propagation.presence import Presence
from gateway.store import schema, sender_reports
from tests.propagation_world import SETTINGS, World

TARGET: Final[SystemName] = "labour_market"
TRIAL = dataclasses.replace(SETTINGS, parked_window=10, parked_trial=2, concurrency_max=1)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.database.close()


def later(world: World, seconds: float) -> str:
    world.clock.go_on(seconds)
    at = instant(world.clock())
    world.clock.go_on(-seconds)
    return at


async def test_nothing_is_sent_while_a_person_has_paused_it_and_everything_goes_when_it_is_resumed(
    world: World,
) -> None:
    worker = world.people.add("012090000001")
    world.pauses.pause(TARGET, "local", "by-hand", "kiểm tra")
    for job in ("A", "B", "C"):
        world.people.work_as(worker, job)
        world.say(worker)
        await world.settle()
    assert (world.state(worker), world.target.counted["deliver"]) == ("due", 0)
    other_process = Pauses(world.database, world.clock)
    assert other_process.resume(TARGET, "local")
    await world.settle()
    assert (world.job("012090000001"), world.target.counted["deliver"]) == ("C", 1)
    assert not other_process.resume(TARGET, "local")


async def test_an_announced_maintenance_begins_and_ends_by_itself(world: World) -> None:
    worker = world.people.add("012090000001")
    world.pauses.pause(TARGET, "local", "maintenance", "nâng cấp", later(world, 60), later(world, 120))
    world.say(worker)
    await world.settle()
    assert world.state(worker) == "settled"
    world.clock.go_on(61)
    world.people.work_as(worker, "thợ xây")
    world.say(worker)
    await world.settle()
    assert world.state(worker) == "due"
    world.clock.go_on(60)
    await world.settle()
    assert world.state(worker) == "settled"


def test_a_pause_ends_after_it_starts(world: World) -> None:
    with pytest.raises(Conflict) as refused:
        world.pauses.pause(TARGET, "local", "maintenance", "nâng cấp", later(world, 60), later(world, 60))
    assert refused.value.code == "pause-ends-before-it-starts"
    with pytest.raises(Conflict):
        world.pauses.pause(TARGET, "local", "by-hand", "quá khứ", None, later(world, -1))
    assert world.pauses.current() == []


def test_who_paused_and_who_resumed_is_audited_in_the_same_commit(world: World) -> None:
    world.pauses.pause(TARGET, "local", "by-hand", "kiểm tra")
    world.pauses.resume(TARGET, "somebody")
    with world.database.read() as connection:
        rows = connection.execute(select(schema.audit_rows).order_by("id")).mappings().all()
    assert [(row["actor"], row["action"], row["subject"]) for row in rows] == [
        ("local", "target:pause", TARGET),
        ("somebody", "target:resume", TARGET),
    ]
    assert orjson.loads(rows[0]["detail"])["cause"] == "by-hand"


def refusing(world: World, count: int) -> list[str]:
    """A target that refuses everybody, and so many people who are to be sent there, each in a call of their own."""
    world.with_settings(TRIAL)
    world.target.batch_size_max = 1
    world.target.refuses = lambda _delivery: Refused("everything")
    workers = [world.people.add(f"0120900000{digits:02}") for digits in range(count)]
    for worker in workers:
        world.say(worker)
    return workers


async def test_after_a_pause_for_refusals_a_few_deliveries_decide_and_each_pause_in_a_row_is_longer(
    world: World,
) -> None:
    refusing(world, 40)
    presence = Presence("one", {TARGET: world.sender}, world.database, world.pauses)
    await world.settle()
    parked, lengths = [len(world.letters.list())], []
    for _ in range(3):
        (pause,) = world.pauses.current()
        lengths.append(pause.ends_at)
        world.clock.now = world.clock.now.fromisoformat(pause.ends_at or "")
        await presence.step()
        await world.settle()
        parked.append(len(world.letters.list()))
    assert parked == [10, 12, 14, 16]
    assert world.pauses.current()[0].times == 4
    first, second, third = (world.clock.now.fromisoformat(one or "") for one in lengths)
    assert (third - second).total_seconds() == 4 * 300.0
    assert (second - first).total_seconds() == 2 * 300.0


async def test_a_target_that_takes_the_trial_is_sent_everything_and_forgiven(world: World) -> None:
    workers = refusing(world, 40)
    presence = Presence("one", {TARGET: world.sender}, world.database, world.pauses)
    await world.settle()
    (pause,) = world.pauses.current()
    world.target.refuses = lambda _delivery: None
    world.clock.now = world.clock.now.fromisoformat(pause.ends_at or "")
    await presence.step()
    await world.settle()
    assert sum(world.state(worker) == "settled" for worker in workers) == 30
    assert world.pauses.on_trial() == set()


async def test_the_gateways_own_pause_never_replaces_a_persons(world: World) -> None:
    world.pauses.pause(TARGET, "local", "by-hand", "kiểm tra")
    assert world.pauses.too_many_refusals(TARGET, 0.9, 300.0) is None
    assert [pause.cause for pause in world.pauses.current()] == ["by-hand"]


async def test_processes_share_a_targets_limits_and_one_that_leaves_gives_its_share_back(world: World) -> None:
    world.with_settings(dataclasses.replace(SETTINGS, concurrency_max=4, deliveries_per_s_max=8.0))
    world.target.batch_size_max = 1
    one, two = world.sender, world.new_sender()
    first = Presence("one", {TARGET: one}, world.database, world.pauses, every_s=0.01)
    second = Presence("two", {TARGET: two}, world.database, world.pauses)
    await first.step()
    await second.step()
    await first.step()
    workers = [world.people.add(f"0120900000{digits:02}") for digits in range(20)]
    for worker in workers:
        world.say(worker)
    await world.wanted.step()
    assert [await one.step(), await two.step()] == [2, 2]
    await one.finish()
    await two.finish()
    with world.database.write() as connection:
        sender_reports.forget(connection, "two")
    await first.step()
    world.clock.go_on(10)
    assert await one.step() == 4
    await one.finish()


async def test_a_message_that_alone_gets_no_answer_is_parked_after_its_attempts_and_an_outage_uses_none_up(
    world: World,
) -> None:
    world.with_settings(dataclasses.replace(SETTINGS, attempts_max=10))
    well, odd = world.people.add("012090000001"), world.people.add("012090000002")
    world.target.down = TryLater("server-error")
    for worker in (well, odd):
        world.say(worker)
    for _ in range(30):
        await world.settle()
        world.clock.go_on(10)
    assert world.letters.list() == []
    world.target.down = None
    world.target.refuses = lambda delivery: TryLater("server-error") if delivery.worker_id == odd else None
    for round_number in range(12):
        world.people.work_as(well, f"việc {round_number}")
        world.say(well)
        await world.settle()
        world.clock.go_on(10)
        if round_number == 0:
            assert world.letters.list() == [], "the outage has not used up its attempts"
    assert [(letter.worker_id, letter.cause) for letter in world.letters.list()] == [(odd, "server-error")]
    assert world.state(well) == "settled"


@pytest.mark.parametrize("cause", ["quota", "no-right"])
async def test_no_message_is_parked_because_we_may_not_call(world: World, cause: str) -> None:
    world.with_settings(dataclasses.replace(SETTINGS, attempts_max=2))
    well, odd = world.people.add("012090000001"), world.people.add("012090000002")
    world.target.refuses = lambda delivery: TryLater(cause) if delivery.worker_id == odd else None
    for round_number in range(8):
        world.people.work_as(well, f"việc {round_number}")
        world.say(well)
        world.say(odd)
        await world.settle()
        world.clock.go_on(10)
    assert world.letters.list() == []


async def test_callers_are_told_which_target_is_paused_and_until_when(world: World) -> None:
    notice = Notice(world.pauses)
    await notice.step()
    assert notice.header is None
    end = later(world, 3600)
    world.pauses.pause(TARGET, "local", "maintenance", "nâng cấp", None, end)
    await notice.step()
    assert notice.header == f'labour_market;cause="maintenance";until="{end}"'
