"""`lgsp run` before anything is started: its ports are free, or it says which option sets others."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Lgsp = Callable[..., int]
MOCKS = "--mock-ports"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """What would have been started; in a folder where an earlier run left its log."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".lgsp" / "demo"
    folder.mkdir(parents=True)
    (folder / "gateway.log").write_text("earlier")
    commands: list[Any] = []

    def start(command: list[str], **_keywords: object) -> None:
        commands.append(command)
        raise KeyboardInterrupt

    monkeypatch.setattr("gateway.cli.demonstration.processes.subprocess.Popen", start)
    return commands


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def test_a_taken_port_is_told_with_the_options_before_anything_is_started_or_deleted(
    lgsp: Lgsp, started: list[Any], taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mocks = ",".join(map(str, free_ports(4)))
    assert lgsp("run", "--once", "--port", str(taken), MOCKS, mocks) == 9
    said = " ".join(capsys.readouterr().err.split())
    assert (str(taken) in said, "--port" in said, MOCKS in said) == (True, True, True)
    assert started == []
    assert (tmp_path / ".lgsp/demo/gateway.log").read_text() == "earlier"


def test_a_taken_port_of_a_simulated_system_is_told_too(
    lgsp: Lgsp, started: list[Any], taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway, *mocks = free_ports(4)
    assert lgsp("run", "--once", "--port", str(gateway), MOCKS, ",".join(map(str, [*mocks, taken]))) == 9
    assert str(taken) in capsys.readouterr().err
    assert started == []


def test_the_simulated_systems_are_started_on_the_ports_given(
    lgsp: Lgsp, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, *mocks = free_ports(5)
    lgsp("run", "--once", "--port", str(gateway), MOCKS, ", ".join(map(str, mocks)))
    (command,) = started
    assert ",".join(map(str, mocks)) in command


@pytest.mark.parametrize("ports", ["9701", "1,2,3,3", "1,2,3,x", "1,2,3,65536", "0,1,2,3", "1,2,3,4,5", "1,2,3,²"])
def test_ports_that_are_not_four_are_refused(
    lgsp: Lgsp, started: list[Any], ports: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lgsp("run", MOCKS, ports) == 2
    assert MOCKS in capsys.readouterr().err
    assert started == []


def test_the_stack_has_ports_of_its_own(lgsp: Lgsp, capsys: pytest.CaptureFixture[str]) -> None:
    assert lgsp("run", "--stack", "--port", "8090") == 2
    assert "lgsp stack up --port" in capsys.readouterr().err
