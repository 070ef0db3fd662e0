"""Identity is verified after acceptance: four outcomes, each visible, and an outage that blocks nobody."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy import select

from contracts.adapter_port import IdentityAnswer, IdentityClaim
from gateway.pacing.backoff import Backoff
from gateway.pacing.breaker import BreakerSettings
from gateway.store.schema import audit_rows
from gateway.verification.asking import Asking
from gateway.verification.listening import Listening
from gateway.verification.lists import VerificationLists
from gateway.verification.settings import VerificationSettings
from tests.propagation_fakes import FakeClock, FakeStream, People
from tests.propagation_world import SmallIntake, built

SETTINGS = VerificationSettings(
    concurrency_max=4,
    people_per_step_max=8,
    call_timeout_s=0.05,
    lease_s=10.0,
    backoff=Backoff(2.0, 600.0),
    breaker=BreakerSettings(failures_max=3, open_s=4.0, open_longest_s=4.0),
)
YES = IdentityAnswer("verified")


class Population:
    """Answers as told, by personal number; counts."""

    def __init__(self) -> None:
        self.answers: dict[str, IdentityAnswer] = {}
        self.down = False
        self.hangs = False
        self.asked: list[IdentityClaim] = []
        self.at_once = 0
        self.at_once_most = 0

    async def verify(self, claim: IdentityClaim) -> IdentityAnswer:
        self.asked.append(claim)
        self.at_once += 1
        self.at_once_most = max(self.at_once, self.at_once_most)
        await asyncio.sleep(10 if self.hangs else 0)
        self.at_once -= 1
        if self.down:
            return IdentityAnswer("no_answer", cause="maintenance")
        return self.answers.get(claim.personal_number or "", YES)


class World:
    """Records, the population system, and both loops of the room."""

    def __init__(self, url: str) -> None:
        self.database = built(url)
        self.clock = FakeClock()
        self.people = People()
        self.stream = FakeStream()
        self.population = Population()
        self.intake = SmallIntake(self.people, self.stream, self.database, self.clock)
        self.listening = Listening(self.stream.consumer(), self.people, self.database, self.clock, SETTINGS)
        self.lists = VerificationLists(self.database, self.clock, SETTINGS)
        self.asking = Asking(
            self.population,
            self.intake.receive,
            self.people,
            self.database,
            self.clock,
            SETTINGS,
            monotonic=self.clock.seconds,
            draw=lambda: 1.0,
        )

    def enter(self, number: str | None) -> str:
        worker = self.people.add(number, verified=False)
        self.stream.say(worker, 1)
        return worker

    async def settle(self) -> None:
        while await self.listening.step() or await self.asking.step():
            pass

    def outcome(self, worker_id: str) -> str:
        return next(
            outcome
            for outcome in ("waiting", "verified", "not_found", "differs", "no_answer")
            if worker_id in {row.worker_id for row in self.lists.list(outcome)}
        )


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.database.close()


async def test_a_confirmed_identity_becomes_an_entry_from_the_population_source(world: World) -> None:
    world.population.answers["012090000001"] = IdentityAnswer(
        "verified", {"basic": {"full_name": "Lò Văn Thật", "personal_number": "012090000001"}}
    )
    worker = world.enter("012090000001")
    await world.settle()
    record = world.people.opened[worker].record
    assert record.identity_verified
    assert record.value("basic", "full_name") == "Lò Văn Thật"
    assert world.outcome(worker) == "verified"
    (statement,) = world.intake.heard.values()
    assert (statement.source, statement.verified, statement.as_of) == ("population", True, "2026-07-05")


async def test_neither_an_answered_claim_nor_the_one_its_answer_made_is_asked_again(world: World) -> None:
    world.population.answers["012090000001"] = IdentityAnswer(
        "verified", {"basic": {"full_name": "Lò Văn Thật", "personal_number": "012090000001"}}
    )
    worker = world.enter("012090000001")
    await world.settle()
    world.people.change(worker, verified=False)  # the confirmation is lost; the claim is the one its answer made
    world.stream.say(worker, 3)
    await world.settle()
    assert len(world.population.asked) == 1


async def test_another_claim_is_asked_for_anew(world: World) -> None:
    world.population.answers["012090000001"] = IdentityAnswer("not_found")
    worker = world.enter("012090000001")
    await world.settle()
    world.people.change(worker, {"basic": {"birth_date": "1991"}})
    world.stream.say(worker, 2)
    world.population.answers.clear()
    await world.settle()
    assert [claim.birth_date for claim in world.population.asked] == ["1990", "1991"]
    assert world.outcome(worker) == "verified"


async def test_who_is_not_found_or_differs_is_listed_and_merges_nothing(world: World) -> None:
    world.population.answers["012090000001"] = IdentityAnswer("not_found")
    world.population.answers["012090000002"] = IdentityAnswer("differs", differing=("birth_date",))
    missing, different = world.enter("012090000001"), world.enter("012090000002")
    await world.settle()
    assert [row.worker_id for row in world.lists.list("not_found")] == [missing]
    assert [(row.worker_id, row.differing) for row in world.lists.list("differs")] == [(different, ("birth_date",))]
    assert world.intake.heard == {}
    world.clock.go_on(86_400)
    await world.settle()
    assert len(world.population.asked) == 2


async def test_a_person_says_ask_again(world: World) -> None:
    world.population.answers["012090000001"] = IdentityAnswer("not_found")
    worker = world.enter("012090000001")
    await world.settle()
    world.population.answers.clear()
    assert world.lists.ask_again(worker, "operator")
    await world.settle()
    assert world.outcome(worker) == "verified"
    assert not world.lists.ask_again(worker, "operator")
    assert not world.lists.ask_again(str(uuid.uuid4()), "operator")
    # Requirement 37: what was asked for has a row, what changed nothing has none.
    with world.database.read() as connection:
        rows = connection.execute(select(audit_rows).where(audit_rows.c.action == "verification:asked")).all()
    assert [(row.actor, row.subject) for row in rows] == [("operator", worker)]


async def test_a_record_without_a_number_is_listed_and_not_asked_for(world: World) -> None:
    worker = world.enter(None)
    await world.settle()
    (row,) = world.lists.list("not_found")
    assert (row.worker_id, row.cause) == (worker, "claim-incomplete")
    assert world.population.asked == []


async def test_an_outage_is_waited_out_and_everybody_is_asked_for_in_the_end(world: World) -> None:
    world.population.down = True
    workers = [world.enter(f"01209000000{digit}") for digit in range(8)]
    await world.settle()
    assert len(world.population.asked) <= 4 + 3  # the breaker stopped it; a probe asks for one
    assert world.asking.breaker_state() == "open"
    for _ in range(5):
        world.clock.go_on(5)
        await world.settle()
    world.population.down = False
    world.clock.go_on(60)
    await world.settle()
    assert {world.outcome(worker) for worker in workers} == {"verified"}


async def test_no_answer_for_five_days_is_told_to_people(world: World) -> None:
    world.population.down = True
    world.enter("012090000001")
    await world.settle()
    assert world.lists.status().overdue == 0
    with structlog.testing.capture_logs() as logs:
        world.clock.go_on(5 * 86_400 + 60)
        await world.settle()
    assert world.lists.status().overdue == 1
    assert world.lists.status().people["no_answer"] == 1
    assert [log["event"] for log in logs if log["log_level"] == "critical"] == ["verification.unanswered_too_long"]


async def test_a_call_that_hangs_is_no_answer(world: World) -> None:
    world.population.hangs = True
    worker = world.enter("012090000001")
    await world.settle()
    assert world.outcome(worker) == "no_answer"
    assert world.lists.list("no_answer")[0].cause == "timeout"


async def test_no_more_calls_at_once_than_set(world: World) -> None:
    for digit in range(8):
        world.enter(f"01209000000{digit}")
    await world.settle()
    assert world.population.at_once_most == 4


async def test_a_confirmation_that_intake_could_not_take_is_made_again(world: World) -> None:
    worker = world.enter("012090000001")
    world.intake.down = OSError("the database is gone")
    await world.settle()
    assert world.outcome(worker) == "waiting"
    world.intake.down = None
    world.clock.go_on(3)
    await world.settle()
    assert world.outcome(worker) == "verified"


async def test_a_confirmation_that_intake_doubts_is_shown(world: World) -> None:
    worker = world.enter("012090000001")
    stranger = {"basic": {"full_name": "Ai đó", "personal_number": "012090000009"}}
    world.population.answers["012090000001"] = IdentityAnswer("verified", stranger)  # type: ignore[arg-type]  # plain dict
    await world.settle()
    assert [(row.worker_id, row.cause) for row in world.lists.list("verified")] == [(worker, "entry-quarantined")]


async def test_the_lists_come_by_page(world: World) -> None:
    for digit in range(5):
        world.population.answers[f"01209000000{digit}"] = IdentityAnswer("not_found")
        world.enter(f"01209000000{digit}")
    await world.settle()
    first = world.lists.list("not_found", limit=3)
    rest = world.lists.list("not_found", after=first[-1].cursor)
    assert len({row.worker_id for row in first + rest}) == 5
    with pytest.raises(ValueError, match="nonsense"):
        world.lists.list("nonsense")
