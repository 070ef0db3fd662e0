"""Propagation against a real store: every target comes to hold the record as it stands."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from contracts.adapter_port import Delivery, Refused
from gateway.propagation.wanted import WantedLoop
from gateway.store import schema
from gateway.stream.port import Received
from tests.propagation_fakes import FakeConsumer
from tests.propagation_world import SETTINGS, World


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.database.close()


async def test_a_changed_record_reaches_the_target(world: World) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    await world.settle()
    assert world.job("012090000001") == "nông dân"
    status = world.status.for_worker(worker)[0]
    assert (status.state, status.applied_version, status.next_attempt_at) == ("settled", 1, None)


async def test_the_applied_view_is_stored_sealed_under_the_persons_key(world: World) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    await world.settle()
    with world.database.read() as connection:
        box = connection.execute(select(schema.target_states.c.applied_view)).scalar_one()
    key = world.people.opened[worker].key
    row = f"{worker}/labour_market"
    assert key.open(box, table="target_states", row=row, fields="applied_view") == world.target.held["012090000001"]


async def test_an_offset_is_committed_only_after_the_wanted_state_is_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    with monkeypatch.context() as broken:
        broken.setattr(world.database, "write", lambda: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            await world.wanted.step()
    assert world.consumer.committed == 0
    assert world.status.for_worker(worker) == []
    assert await world.wanted.step() == 1  # the same batch, still in hand
    assert world.consumer.committed == 1
    assert world.state(worker) == "due"


async def test_what_is_sent_is_the_record_as_it_stands_not_as_its_message_said(world: World) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    await world.wanted.step()
    world.people.work_as(worker, "thợ xây")  # its event has not come yet
    await world.sender.drain()
    assert [delivery.version for delivery in world.target.sent] == [2]
    world.say(worker)
    await world.settle()
    assert world.target.counted["deliver"] == 1


async def test_repeated_and_late_events_make_no_call(world: World) -> None:
    worker = world.people.add("012090000001")
    world.people.work_as(worker, "thợ xây")
    for version in (1, 2, 1, 2):
        world.stream.say(worker, version)
        await world.settle()
    assert world.target.counted["deliver"] == 1


async def test_a_change_that_does_not_alter_the_targets_view_makes_no_call(world: World) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    await world.settle()
    world.people.change(worker, {"needs": {"job_seeking": True}})
    world.say(worker)
    await world.settle()
    assert world.target.counted["deliver"] == 1
    assert world.status.for_worker(worker)[0].applied_version == 2


async def test_a_refusal_is_parked_with_its_cause_and_its_sealed_answer(world: World) -> None:
    worker = world.people.add("012090000001")
    world.target.refuses = lambda _delivery: Refused("no-such-person", "mã 42")
    world.say(worker)
    await world.settle()
    (letter,) = world.letters.list()
    assert (letter.worker_id, letter.target, letter.cause, letter.attempts) == (
        worker,
        "labour_market",
        "no-such-person",
        1,
    )
    opened = world.letters.show(worker, "labour_market")
    assert opened is not None
    assert opened.answer == {"cause": "no-such-person", "detail": "mã 42"}
    world.clock.go_on(3600)
    await world.settle()
    assert world.target.counted["deliver"] == 1


async def test_a_record_that_cannot_be_said_is_parked_until_it_can(world: World) -> None:
    worker = world.people.add(None)
    world.say(worker)
    await world.settle()
    assert [letter.cause for letter in world.letters.list(cause="personal_number")] == ["personal_number"]
    world.people.change(worker, {"basic": {"personal_number": "012090000001"}})
    world.say(worker)
    await world.settle()
    assert world.letters.list() == []
    assert world.state(worker) == "settled"


async def test_a_newer_view_that_differs_supersedes_a_dead_letter_and_the_same_view_does_not(world: World) -> None:
    worker = world.people.add("012090000001")
    world.target.refuses = lambda _delivery: Refused("bad-job")
    world.say(worker)
    await world.settle()
    world.target.refuses = lambda _delivery: None
    world.people.change(worker, {"needs": {"job_seeking": True}})
    world.say(worker)
    await world.settle()
    assert world.state(worker) == "parked"
    world.people.work_as(worker, "thợ xây")
    world.say(worker)
    await world.settle()
    status = world.status.for_worker(worker)[0]
    assert (status.state, status.cause) == ("settled", "superseded")


async def test_dead_letters_are_retried_one_by_one_or_by_cause_and_listed_by_page(world: World) -> None:
    workers = [world.people.add(f"01209000000{digit}") for digit in range(5)]
    world.target.refuses = lambda delivery: Refused("odd" if delivery.worker_id in workers[:2] else "even")
    for worker in workers:
        world.say(worker)
    await world.settle()
    first = world.letters.list(limit=3)
    rest = world.letters.list(after=first[-1].cursor, limit=3)
    assert sorted(letter.worker_id for letter in first + rest) == sorted(workers)
    world.target.refuses = lambda _delivery: None
    assert world.letters.retry(workers[0], "labour_market", "operator")
    assert not world.letters.retry(str(workers[0]), "population", "operator")
    assert world.letters.retry_all("operator", cause="even") == 3
    # Requirement 37: what was ordered has a row, what changed nothing has none.
    with world.database.read() as connection:
        told = connection.execute(select(schema.audit_rows).order_by(schema.audit_rows.c.id)).all()
    assert [(row.action, row.actor, row.subject, row.detail) for row in told] == [
        ("letter:retried", "operator", workers[0], '{"target":"labour_market","letters":1}'),
        ("letters:retried", "operator", "labour_market", '{"cause":"even","letters":3}'),
    ]
    await world.settle()
    assert [letter.worker_id for letter in world.letters.list()] == [workers[1]]


async def test_who_waits_for_identity_is_sent_when_it_is_verified_with_everything_that_changed_meanwhile(
    world: World,
) -> None:
    world.with_settings(dataclasses.replace(SETTINGS, needs_verified_identity=True))
    worker = world.people.add("012090000001", verified=False)
    world.say(worker)
    await world.settle()
    assert world.state(worker) == "waiting_for_identity"
    world.people.work_as(worker, "thợ xây")
    world.say(worker)
    world.people.change(worker, verified=True)
    world.say(worker)
    await world.settle()
    assert world.state(worker) == "settled"
    assert world.job("012090000001") == "thợ xây"


async def test_an_erased_person_is_not_concerned_and_the_stored_view_is_gone(world: World) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    await world.settle()
    del world.people.opened[worker]
    world.say(worker, "erased")
    await world.settle()
    assert world.state(worker) == "not_concerned"
    with world.database.read() as connection:
        assert connection.execute(select(schema.target_states.c.applied_view)).scalar_one() is None


async def test_a_merged_person_is_read_before_anything_is_sent(world: World) -> None:
    worker = world.people.add("012090000001")
    world.say(worker)
    await world.settle()
    world.people.change(worker, {"needs": {"job_seeking": True}})
    world.say(worker, "merged")
    await world.settle()
    assert world.state(worker) == "settled"
    assert world.target.counted == {"deliver": 1, "read": 1}


async def test_the_loops_work_until_told_to_stop_and_finish_their_calls(world: World) -> None:
    workers = [world.people.add(f"0120900{digits:05}") for digits in range(1, 301)]
    world.target.batch_size_max = 20
    all_sent = asyncio.Event()

    def count(_delivery: Delivery) -> None:
        if len(world.target.held) == 299:
            all_sent.set()

    world.target.refuses = count
    world.wanted = WantedLoop(
        world.target,
        _Resting(world.stream),
        world.people,
        world.database,
        world.clock,
        world.settings,
        world.sender.wake,
    )
    stop = asyncio.Event()
    loops = [asyncio.create_task(world.wanted.run(stop)), asyncio.create_task(world.sender.run(stop))]
    for worker in workers:
        world.say(worker)
    async with asyncio.timeout(20):
        await all_sent.wait()
    stop.set()
    await asyncio.gather(*loops)
    assert [waiting.people for waiting in world.status.waiting()] == [300]
    assert world.sender.status().outcomes == {"settled": 300}


class _Resting(FakeConsumer):
    """Waits a little when there is nothing, as a real consumer does."""

    async def poll(self, max_records: int, timeout_ms: int) -> list[Received]:
        taken = await super().poll(max_records, timeout_ms)
        if not taken:
            await asyncio.sleep(0.01)
        return taken


async def test_two_senders_share_the_work_while_records_change_and_nothing_is_sent_for_nothing(world: World) -> None:
    workers = [world.people.add(f"0120900{digits:05}") for digits in range(1, 201)]
    world.target.batch_size_max = 10
    world.with_settings(dataclasses.replace(SETTINGS, call_timeout_s=5.0))
    stop = asyncio.Event()
    world.wanted = WantedLoop(
        world.target, _Resting(world.stream), world.people, world.database, world.clock, world.settings
    )
    loops = [world.wanted.run(stop), *(world.new_sender().run(stop) for _ in range(2))]
    running = [asyncio.create_task(loop) for loop in loops]
    for job in ("A", "B", "C"):
        for worker in workers:
            world.people.work_as(worker, job)
            world.say(worker)
        await asyncio.sleep(0.05)
    for _ in range(1_000):
        if [(one.state, one.people) for one in world.status.waiting()] == [("settled", 200)]:
            break
        await asyncio.sleep(0.02)
    stop.set()
    await asyncio.gather(*running)
    assert {view["viec"] for view in world.target.held.values()} == {"C"}
    versions = [(delivery.worker_id, delivery.version) for delivery in world.target.sent]
    assert len(versions) == len(set(versions))
