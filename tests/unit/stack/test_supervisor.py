"""The supervisor starts what ends, slower each time, and says how everything is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.stack.folder import AlreadyUp, PartStatus, StackFolder, StackStatus
from ops.stack.supervisor import RESTART_FIRST_S, RESTART_LONGEST_S, STEADY_AFTER_S, Supervisor


@dataclass
class FakeChild:
    """A part that does as the test says."""

    name: str = "part"
    address: str = ""
    allowed: bool = True
    fails: str = ""
    running: bool = False
    ready: bool = True
    starts: int = 0

    @property
    def pid(self) -> int | None:
        return self.starts if self.running else None

    def may_start(self) -> bool:
        return self.allowed

    def start(self) -> None:
        self.starts += 1
        if self.fails:
            raise RuntimeError(self.fails)
        self.running = True

    def is_running(self) -> bool:
        return self.running

    def is_ready(self) -> bool:
        return self.running and self.ready

    def stop(self) -> None:
        self.running = False


class World:
    """One child under a supervisor, and a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.child = FakeChild()
        self.now_s = 1_000.0
        self.told: list[int] = []
        place = StackFolder(folder)
        place.make()
        self.supervisor = Supervisor(place, "http://here", [self.child], dict, monotonic=lambda: self.now_s)

    def look(self, after_s: float = 0.0) -> PartStatus:
        self.now_s += after_s
        self.supervisor.look()
        return self.supervisor.status().parts[0]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Nothing started yet."""
    return World(tmp_path / "stack")


def test_a_part_is_started_when_it_may_and_ready_when_it_says_so(world: World) -> None:
    world.child.allowed = False
    assert world.look().state == "waiting"
    assert world.child.starts == 0
    world.child.allowed, world.child.ready = True, False
    world.look()
    assert world.look().state == "starting"
    world.child.ready = True
    assert world.look().state == "ready"


def test_what_ends_is_started_again_and_each_time_a_little_later(world: World) -> None:
    world.look()
    waits_s = []
    for _ in range(8):
        assert world.look().state == "ready"
        world.child.running = False
        assert world.look().state == "ended"
        waited_s = 0.0
        while not world.child.running:
            world.look(after_s=0.05)
            waited_s += 0.05
        waits_s.append(waited_s)
    assert waits_s == sorted(waits_s)
    assert waits_s[0] == pytest.approx(RESTART_FIRST_S, abs=0.06)
    assert waits_s[-1] == pytest.approx(RESTART_LONGEST_S, abs=0.06)
    assert world.look().restarts == 8


def test_after_a_steady_while_the_next_restart_is_quick_again(world: World) -> None:
    world.look()
    for _ in range(5):
        world.look()
        world.child.running = False
        world.look()
        world.look(after_s=RESTART_LONGEST_S)
    world.look(after_s=STEADY_AFTER_S + 1)
    world.child.running = False
    world.look()
    world.look(after_s=RESTART_FIRST_S)
    assert world.child.running


def test_a_start_that_fails_says_why_and_is_tried_again(world: World) -> None:
    world.child.fails = "no disk"
    status = world.look()
    assert (status.state, status.says) == ("ended", "no disk")
    world.child.fails = ""
    assert world.look(after_s=RESTART_FIRST_S).says == ""
    assert world.look().state == "ready"


def test_children_end_in_reverse_order_however_the_run_ends(tmp_path: Path) -> None:
    ended: list[str] = []

    class Noting(FakeChild):
        def stop(self) -> None:
            ended.append(self.name)

    folder = StackFolder(tmp_path)
    folder.make()
    supervisor = Supervisor(folder, "", [Noting("first"), Noting("second")], dict)
    supervisor.run(lambda: True)
    assert ended == ["second", "first"]


def test_a_folder_belongs_to_one_supervisor_and_is_free_when_that_one_is_gone(tmp_path: Path) -> None:
    folder, other = StackFolder(tmp_path), StackFolder(tmp_path)
    assert not other.is_up()
    with folder.claimed():
        folder.write_status(StackStatus(1, "http://here", [PartStatus("a", "ready", 2, 0, "", "")]))
        assert other.is_up()
        status = other.read_status()
        assert status is not None
        assert status.is_ready()
        with pytest.raises(AlreadyUp), other.claimed():
            pass
        assert folder.read_status() is not None
    assert not other.is_up()
    assert other.read_status() is None


def test_the_environment_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    folder.make()
    folder.write_environment({"LGSP_HTTP__PORT": "8080"})
    assert folder.environment_file.read_text("utf-8") == "LGSP_HTTP__PORT='8080'\n"
    assert folder.environment_file.stat().st_mode & 0o077 == 0
