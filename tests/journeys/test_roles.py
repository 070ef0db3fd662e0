"""The gateway as several processes on one PostgreSQL: each can wait, be killed and be stood in for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import text

from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from mock_services.people.world import World
from ops.local.ports import free_port
from tests.journeys.conftest import ON_SQLITE
from tests.journeys.equality import compare
from tests.journeys.people import People, employed, entry_of
from tests.journeys.programs import Program
from tests.journeys.town import GATEWAY, Town

PEOPLE: Final = 300
SEED: Final = 11
ROLES: Final = ("relay", "relay", "propagate", "propagate", "capture")


class Roles:
    """A town whose gateway is an api process; the other parts run beside it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.parts = {f"{role}-{number}": self._part(role, number) for number, role in enumerate(ROLES)}

    def start(self, name: str) -> None:
        """Start one part; it answers /readyz."""
        program, url = self.parts[name]
        program.start(lambda: _is_ready(url))

    def holder(self) -> tuple[str, int]:
        """Which process relays now, and under which epoch."""
        database = Database(self.town.database_url)
        with database.read() as connection:
            row = connection.execute(text("SELECT holder, epoch FROM leases WHERE name = 'relay'")).one()
        database.close()
        return str(row.holder), int(row.epoch)

    def live_relay(self) -> str:
        """The name of the part that has the lease: a holder's name holds its process id."""
        pid = int(self.holder()[0].split("-")[-2])
        return next(name for name, (one, _) in self.parts.items() if one.is_running() and one.pid == pid)

    def end(self) -> None:
        """End all parts."""
        for program, _ in self.parts.values():
            program.end()

    def _part(self, role: str, number: int) -> tuple[Program, str]:
        port = free_port()
        environment = {**self.town.environment(), "LGSP_HTTP__PORT": str(port)}
        name = f"{role}-{number}"
        return Program(name, (*GATEWAY, role), self.town.folder, environment), f"http://127.0.0.1:{port}/readyz"


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def roles(tmp_path: Path, postgres_url: str) -> Iterator[Roles]:
    """Everything runs, each part as a process of its own."""
    upgrade(postgres_url)
    with ExitStack() as until_the_end:
        town = until_the_end.enter_context(Town(tmp_path, postgres_url, people=PEOPLE, seed=SEED, role="api"))
        roles = Roles(town)
        until_the_end.callback(roles.end)
        for name in roles.parts:
            roles.start(name)
        yield roles


def test_parts_killed_one_after_the_other_lose_nothing(roles: Roles) -> None:
    town, people = roles.town, People(World(PEOPLE, SEED))
    crowd = iter(people.meet_many(40, employed))

    def enter(count: int) -> None:
        for _ in range(count):
            town.accept(entry_of(next(crowd)))

    enter(5)
    killed = roles.live_relay()
    _, epoch = roles.holder()
    roles.parts[killed][0].kill()
    enter(5)
    town.until(lambda: roles.holder()[1] > epoch, "the other relay takes the lease", within_s=15)
    assert roles.live_relay() != killed
    for name in ("propagate-2", "capture-4"):
        roles.parts[name][0].kill()
        enter(5)
    town.gateway.kill()
    town.start_gateway()
    enter(5)
    for name in (killed, "propagate-2", "capture-4"):
        roles.start(name)
    town.until_rest(within_s=120)
    found = compare(town.environment())
    assert found.differences == []
    versions: dict[str, list[int]] = {}
    for event in town.everything("/v1/events"):
        versions.setdefault(event["event"]["partitionkey"], []).append(int(event["event"]["sequence"]))
    assert len(versions) == 25
    assert all(heard == list(range(1, len(heard) + 1)) for heard in versions.values())


def test_a_part_started_first_waits_for_the_tables_and_says_so(tmp_path: Path, postgres_url: str) -> None:
    with Town(tmp_path, f"sqlite:///{tmp_path / 'other.sqlite3'}", people=10) as other:
        port = free_port()
        environment = {**other.environment(), "LGSP_DATABASE__URL": postgres_url, "LGSP_HTTP__PORT": str(port)}
        early = Program("early", (*GATEWAY, "relay"), tmp_path, environment)
        url = f"http://127.0.0.1:{port}/readyz"
        try:
            early.start(lambda: "lgsp db upgrade" in early.last_words())
            assert not _is_ready(url)
            upgrade(postgres_url)
            other.until(lambda: _is_ready(url), "it goes on by itself")
        finally:
            early.end()


@ON_SQLITE
def test_sqlite_is_one_process_and_serve_says_so(town: Town) -> None:
    alone = Program("alone", (*GATEWAY, "relay"), town.folder, {**town.environment(), "LGSP_HTTP__PORT": "0"})
    with pytest.raises(RuntimeError, match="lgsp serve all"):
        alone.start(lambda: False)
