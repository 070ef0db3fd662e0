"""What the other systems report comes in once, as entries; our own calls coming back do not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from contracts.adapter_port import ChangePage, PersonKey, TryLater, View
from contracts.worker import Groups, SystemName
from gateway.capture.poller import CapturePoller
from gateway.capture.settings import CaptureSettings
from gateway.propagation.dead_letters import DeadLetters
from gateway.propagation.pauses import Pauses
from gateway.propagation.sender import Sender
from gateway.propagation.status import PropagationStatus
from gateway.propagation.wanted import WantedLoop
from gateway.store import schema
from tests.propagation_fakes import FakeClock, FakeStream, FakeTarget, People
from tests.propagation_world import SETTINGS, SmallIntake, built

NUMBER = "012090000001"
SYSTEMS: tuple[SystemName, ...] = ("population", "social_insurance", "labour_market")


class World:
    """Three systems, each a target and a source, around one intake."""

    def __init__(self, url: str) -> None:
        self.database = built(url)
        self.clock = FakeClock()
        self.people = People()
        self.stream = FakeStream()
        self.intake = SmallIntake(self.people, self.stream, self.database, self.clock)
        self.targets = {name: FakeTarget(name) for name in SYSTEMS}
        self.status = PropagationStatus(self.database, self.clock, frozenset(SYSTEMS))
        self.letters = DeadLetters(self.database, self.people, self.clock)
        self.wanted = [
            WantedLoop(target, self.stream.consumer(), self.people, self.database, self.clock, SETTINGS)
            for target in self.targets.values()
        ]
        self.senders = [
            Sender(
                target,
                self.people,
                self.database,
                self.clock,
                SETTINGS,
                Pauses(self.database, self.clock),
                monotonic=self.clock.seconds,
                draw=lambda: 1.0,
            )
            for target in self.targets.values()
        ]
        self.pollers = {name: self.poller(name) for name in SYSTEMS}
        self.market = self.targets["labour_market"]

    def poller(self, name: SystemName) -> CapturePoller:
        return CapturePoller(
            self.targets[name],
            self.intake.receive,
            self.people,
            self.database,
            self.clock,
            CaptureSettings(),
            monotonic=self.clock.seconds,
        )

    async def enter(self, job: str = "nông dân") -> str:
        worker = self.people.add(NUMBER, job=job)
        self.stream.say(worker, 1)
        await self.rest()
        return worker

    async def deliver(self) -> None:
        for wanted in self.wanted:
            while await wanted.step():
                pass
        for sender in self.senders:
            await sender.drain()

    async def listen(self) -> None:
        for poller in self.pollers.values():
            while await poller.step():
                pass

    async def rest(self) -> None:
        """Until a whole round brings nothing new."""
        before = None
        while before != (before := self.heard()):
            await self.deliver()
            await self.listen()
            self.clock.go_on(1)

    def heard(self) -> tuple[int, ...]:
        return (len(self.stream.records), *(target.counted["deliver"] for target in self.targets.values()))

    def calls(self) -> dict[str, int]:
        return {name: target.counted["deliver"] for name, target in self.targets.items()}

    def state(self, worker: str, target: str = "labour_market") -> str:
        return next(status.state for status in self.status.for_worker(worker) if status.target == target)

    def outcomes(self, source: str = "labour_market") -> list[str]:
        table = schema.heard_changes
        with self.database.read() as connection:
            query = select(table.c.outcome).where(table.c.source == source).order_by(table.c.change_id)
            return list(connection.execute(query).scalars())

    def writes(self) -> int:
        with self.database.read() as connection:
            return len(connection.execute(select(schema.target_writes.c.id)).all())


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.database.close()


def view(job: str, number: str = NUMBER) -> View:
    return {"so": number, "ten": "Lò Văn Thử", "viec": job}


async def test_our_own_calls_coming_back_make_no_entry(world: World) -> None:
    worker = await world.enter()
    assert world.intake.heard == {}
    assert world.outcomes() == ["echo"]
    assert world.writes() == 0
    assert world.state(worker) == "settled"


async def test_a_change_in_one_system_reaches_the_other_two_and_comes_to_rest_after_two_calls(world: World) -> None:
    worker = await world.enter()
    before = world.calls()
    world.market.change(view("thợ xây"))
    await world.rest()
    after = world.calls()
    assert {name: after[name] - before[name] for name in SYSTEMS} == {
        "population": 1,
        "social_insurance": 1,
        "labour_market": 0,
    }
    assert [target.held[NUMBER]["viec"] for target in world.targets.values()] == ["thợ xây"] * 3
    assert {world.state(worker, name) for name in SYSTEMS} == {"settled"}
    assert len(world.intake.heard) == 1


async def test_changes_in_all_three_systems_at_once_come_to_rest_at_one_value(world: World) -> None:
    await world.enter()
    before = sum(world.calls().values())
    for name, target in world.targets.items():
        target.change(view(f"việc của {name}"))
    await world.rest()
    assert len({str(target.held[NUMBER]["viec"]) for target in world.targets.values()}) == 1
    assert sum(world.calls().values()) - before == 2


async def test_a_change_is_an_entry_with_what_the_target_holds(world: World) -> None:
    await world.enter()
    world.market.change(view("thợ xây"))
    await world.listen()
    (statement,) = world.intake.heard.values()
    assert statement.source == "labour_market"
    assert statement.key == "labour_market:labour_market-1"
    assert statement.groups == {"situation": {"job_title": "thợ xây"}}
    assert statement.person == PersonKey(personal_number=NUMBER)
    assert statement.report is not None
    assert statement.report.held == view("thợ xây")


async def test_overlapping_windows_tell_intake_nothing_twice(world: World) -> None:
    await world.enter()
    world.market.change(view("thợ xây"))
    world.market.change(view("thợ mộc"))
    await world.listen()
    received = world.pollers["labour_market"].counts["entry"]
    await world.listen()
    await world.poller("labour_market").step()  # another process, from the stored cursor
    assert received == 2
    assert world.pollers["labour_market"].counts["entry"] == 2
    assert world.outcomes() == ["echo", "entry", "entry"]


async def test_the_cursor_is_saved_only_after_the_entries_are_stored(world: World) -> None:
    await world.enter()
    world.market.change(view("thợ xây"))
    world.intake.down = OSError("the database is gone")
    with pytest.raises(OSError, match="gone"):
        await world.pollers["labour_market"].step()
    assert world.outcomes() == ["echo"]
    world.intake.down = None
    await world.listen()
    assert len(world.intake.heard) == 1
    assert world.outcomes() == ["echo", "entry"]


async def test_a_person_whom_we_do_not_know_is_handed_to_intake_too(world: World) -> None:
    world.market.change(view("thợ xây", number="012090000009"))
    await world.listen()
    assert len(world.intake.heard) == 1


async def test_an_older_view_that_lands_late_is_read_back_and_overwritten(world: World) -> None:
    worker = await world.enter("A")
    world.people.work_as(worker, "B")
    world.stream.say(worker, 2)
    await world.deliver()
    world.people.work_as(worker, "C")
    world.stream.say(worker, 3)
    await world.deliver()
    world.market.change(view("B"))  # the first call was repeated on its way, and lands after the second
    await world.listen()
    assert world.state(worker) == "unknown"
    assert world.intake.heard == {}
    await world.rest()
    assert world.market.held[NUMBER]["viec"] == "C"
    assert world.state(worker) == "settled"


async def test_an_older_view_that_lands_after_the_newer_was_heard_is_no_news_either(world: World) -> None:
    worker = await world.enter("A")
    world.people.work_as(worker, "B")
    world.stream.say(worker, 2)
    world.market.faults = [TryLater("timeout")]  # the call is under way for longer than we wait
    await world.deliver()
    world.people.work_as(worker, "C")
    world.stream.say(worker, 3)
    world.clock.go_on(60)
    await world.rest()
    calls, heard = world.calls()["labour_market"], dict(world.intake.heard)
    assert world.state(worker) == "settled"
    world.market.change(view("B"))
    await world.listen()
    assert (world.state(worker), world.intake.heard) == ("unknown", heard)
    await world.rest()
    assert world.market.held[NUMBER]["viec"] == "C"
    assert (world.state(worker), world.calls()["labour_market"]) == ("settled", calls + 1)
    world.market.change(view("B"))  # this time it is somebody over there
    await world.listen()
    assert len(world.intake.heard) == len(heard) + 1


async def test_two_who_go_on_disagreeing_are_parked_and_named(world: World) -> None:
    worker = world.people.add(NUMBER, job="A")
    world.market.reshape = lambda sent: {**sent, "ten": "LO VAN THU"}  # it keeps names in its own way
    world.stream.say(worker, 1)
    await world.rest()
    assert world.state(worker) == "parked"
    assert [letter.cause for letter in world.letters.list()] == ["disagreement"]
    assert world.market.counted["deliver"] == 3
    assert world.outcomes() == ["echo", "entry", "echo", "entry", "echo", "disagreement"]
    world.people.work_as(worker, "B")
    world.market.reshape = lambda sent: sent
    world.stream.say(worker, 2)
    await world.rest()
    assert world.state(worker) == "settled"


async def test_a_report_told_twice_is_no_disagreement(world: World) -> None:
    worker = await world.enter("A")
    world.market.change(view("B"))
    feed = world.market.feed[-1]
    for number in range(5):
        world.market.feed.append(type(feed)(f"again-{number}", *_rest_of(feed)))
    await world.rest()
    assert world.state(worker) == "settled"


async def test_changes_that_say_nothing_of_our_writing_leave_what_is_applied_and_are_no_quarrel(world: World) -> None:
    worker = await world.enter("A")
    await world.rest()
    calls, state = world.calls(), world.state(worker)
    world.market.change(view("A"))
    one = world.market.feed.pop()
    said: Groups = {"insurance": {"participation": "1"}}
    for number in range(5):
        world.market.feed.append(type(one)(f"spell-{number}", one.happened_at, one.as_of, one.person, {}, said))
    world.market.feed.append(type(one)("mute", one.happened_at, one.as_of, one.person, {}, {}))
    before = len(world.intake.heard)
    await world.rest()
    assert (world.calls(), world.state(worker)) == (calls, state)
    told = list(world.intake.heard.values())[before:]
    assert [statement.key for statement in told] == [f"labour_market:spell-{number}" for number in range(5)]
    assert all(statement.report is None for statement in told)


def _rest_of(change):
    return change.happened_at, change.as_of, change.person, change.held, change.groups


async def test_a_feed_that_does_not_answer_is_left_alone_for_a_while(world: World) -> None:
    poller = world.pollers["labour_market"]
    world.market.down = TryLater("quota", retry_after_s=30)
    for _ in range(5):
        await poller.step()
    assert world.market.counted["changes"] == 1
    assert poller.breaker_state() == "open"
    world.market.down = None
    world.clock.go_on(31)
    world.market.change(view("thợ xây", number="012090000009"))
    await poller.step()
    assert len(world.intake.heard) == 1


async def test_rows_that_cannot_be_read_are_noted_and_stop_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.enter()
    world.market.change(view("thợ xây"))
    told = tuple(world.market.feed)

    async def changes(since: str | None, limit: int) -> ChangePage:
        return ChangePage(told, "9", more=False, unreadable=(("broken-1", "bad-date"),))

    monkeypatch.setattr(world.market, "changes", changes)
    await world.listen()
    await world.listen()
    assert world.outcomes() == ["unreadable", "echo", "entry"]
    assert len(world.intake.heard) == 1


async def test_a_very_long_change_id_still_makes_a_key(world: World) -> None:
    await world.enter()
    world.market.change(view("thợ xây"))
    feed = world.market.feed[-1]
    world.market.feed[-1] = type(feed)("x" * 300, *_rest_of(feed))
    await world.listen()
    await world.listen()
    (key,) = world.intake.heard
    assert len(key) <= 128


async def test_writes_expire_with_the_window_of_the_feed(world: World) -> None:
    worker = world.people.add(NUMBER)
    world.stream.say(worker, 1)
    await world.deliver()
    assert world.writes() == 3
    world.clock.go_on(13 * 86_400)
    world.pollers["labour_market"].purge()
    assert world.writes() == 3
    world.clock.go_on(2 * 86_400)
    world.pollers["labour_market"].purge()
    assert world.writes() == 0


async def test_people_are_found_by_their_numbers_as_a_set(world: World) -> None:
    worker = world.people.add(NUMBER)
    assert world.people.find_many([PersonKey(personal_number=NUMBER), PersonKey()]) == [worker, None]
