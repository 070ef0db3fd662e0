"""The real store with people, a target and its two loops around it, and the least that intake does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from contracts.adapter_port import PersonKey
from contracts.entry import Receipt, Statement
from gateway.clock import instant
from gateway.pacing.backoff import Backoff
from gateway.pacing.breaker import BreakerSettings
from gateway.propagation.dead_letters import DeadLetters
from gateway.propagation.pauses import Pauses
from gateway.propagation.sender import Sender
from gateway.propagation.settings import TargetSettings
from gateway.propagation.status import PropagationStatus
from gateway.propagation.wanted import WantedLoop
from gateway.store import migrations, reported
from gateway.store.engine import Database
from gateway.store.intake_rows import ReportedRow
from tests.propagation_fakes import FakeClock, FakeStream, FakeTarget, People

SETTINGS = TargetSettings(
    needs_verified_identity=False,
    call_timeout_s=0.05,
    lease_s=10.0,
    backoff=Backoff(1.0, 8.0),
    breaker=BreakerSettings(failures_max=2, open_s=4.0, open_longest_s=4.0),
)


class World:
    """One target, its two loops, and the people whose records change."""

    def __init__(self, url: str, settings: TargetSettings = SETTINGS) -> None:
        self.database = built(url)
        self.clock = FakeClock()
        self.pauses = Pauses(self.database, self.clock)
        self.people = People()
        self.stream = FakeStream()
        self.target = FakeTarget()
        self.settings = settings
        self.consumer = self.stream.consumer()
        self.wanted = self.new_wanted()
        self.sender = self.new_sender()
        self.status = PropagationStatus(self.database, self.clock, frozenset({"labour_market"}))
        self.letters = DeadLetters(self.database, self.people, self.clock)

    def with_settings(self, settings: TargetSettings) -> None:
        self.settings = settings
        self.wanted, self.sender = self.new_wanted(), self.new_sender()

    def new_wanted(self) -> WantedLoop:
        return WantedLoop(self.target, self.consumer, self.people, self.database, self.clock, self.settings)

    def new_sender(self) -> Sender:
        return Sender(
            self.target,
            self.people,
            self.database,
            self.clock,
            self.settings,
            self.pauses,
            monotonic=self.clock.seconds,
            draw=lambda: 1.0,
        )

    def say(self, worker_id: str, kind: str = "changed") -> None:
        opened = self.people.opened.get(worker_id)
        self.stream.say(worker_id, opened.record.version if opened else 99, kind)

    async def settle(self) -> None:
        while await self.wanted.step():
            pass
        await self.sender.drain()

    def state(self, worker_id: str) -> str:
        return self.status.for_worker(worker_id)[0].state

    def job(self, number: str) -> object:
        return self.target.held[number]["viec"]


class SmallIntake:
    """The least that intake does with a statement: the newest word wins, a report is stored, a change is an event."""

    def __init__(self, people: People, stream: FakeStream, database: Database, clock: FakeClock) -> None:
        self._people = people
        self._stream = stream
        self._database = database
        self._clock = clock
        self.heard: dict[str, Statement] = {}
        self.down: Exception | None = None

    async def receive(self, statements: Sequence[Statement]) -> list[Receipt]:
        if self.down is not None:
            raise self.down
        return [self._one(statement) for statement in statements]

    def _one(self, statement: Statement) -> Receipt:
        assert statement.key is not None
        if statement.key in self.heard:
            return Receipt("again", "unchanged")
        self.heard[statement.key] = statement
        worker_id = self._owner(statement)
        if worker_id is None:
            return Receipt("doubt", "quarantined")
        if statement.report is not None:
            self._store_report(worker_id, statement)
        record = self._people.opened[worker_id].record
        news = any(
            record.groups.get(name, {}).get(one) != value
            for name, values in statement.groups.items()
            for one, value in values.items()
        )
        if not news and not (statement.verified and not record.identity_verified):
            return Receipt("same", "unchanged", worker_id)
        self._people.change(worker_id, statement.groups, verified=True if statement.verified else None)
        version = self._people.opened[worker_id].record.version
        self._stream.say(worker_id, version)
        return Receipt("new", "accepted", worker_id, version)

    def _owner(self, statement: Statement) -> str | None:
        person = statement.person or PersonKey(cast(str, statement.groups["basic"]["personal_number"]))
        return self._people.find_many([person])[0]

    def _store_report(self, worker_id: str, statement: Statement) -> None:
        assert statement.report is not None
        key = self._people.opened[worker_id].key
        held = statement.report.held
        row = ReportedRow(
            worker_id=worker_id,
            target=statement.report.target,
            held_hash=key.state_hash(held),
            key_id=key.key_id,
            held=key.seal(
                held, table="target_states", row=f"{worker_id}/{statement.report.target}", fields="applied_view"
            ),
            at=instant(self._clock()),
        )
        with self._database.write() as connection:
            connection.execute(reported.UPSERT, reported.parameters(row))


def built(url: str) -> Database:
    """A database with the product's tables, made as the product makes them."""
    migrations.upgrade(url)
    return Database(url)
