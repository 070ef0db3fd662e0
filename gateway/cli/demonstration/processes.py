"""The processes of the demonstration: the mocks and the gateway, started, waited for and ended with us."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

import httpx

from gateway.cli.connection import TOKEN_FILE
from gateway.cli.demonstration.systems import settings_for
from gateway.cli.leash import end_with_parent

MOCK_PORTS: Final = (9701, 9702, 9703, 9704)
GATEWAY_PORT: Final = 8080
READY_WITHIN_S: Final = 60.0
END_WITHIN_S: Final = 28.0


class CannotRun(Exception):
    """The demonstration cannot begin or go on; `key` names the sentence, `words` fill it."""

    def __init__(self, key: str, **words: object) -> None:
        super().__init__(key)
        self.key = key
        self.words = words


@dataclass(frozen=True, slots=True)
class Plan:
    """What is started, and where. Ports of 0 are any free ones."""

    folder: Path = Path(".lgsp/demo")
    people: int = 2_000
    seed: int = 7
    gateway_port: int = GATEWAY_PORT
    mock_ports: tuple[int, int, int, int] = MOCK_PORTS


@dataclass(slots=True)
class Town:
    """Mocks and gateway as child processes; leaving the block ends them, and so does our own end, however it comes."""

    plan: Plan
    ready: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _lock: IO[str] | None = None

    def __enter__(self) -> Town:
        self._claim_folder()
        self._refuse_taken_ports()
        try:
            self._start_mocks()
            self._start_gateway()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def folder(self) -> Path:
        """Where everything of this run lies."""
        return self.plan.folder

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.plan.gateway_port}"

    def url_of(self, system: str) -> str:
        """A mock's address."""
        return str(self.ready[system])

    def end(self) -> None:
        """End the children, the gateway first, so that it can finish its calls."""
        for child in reversed(self._children):
            child.terminate()
            try:
                child.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def check_alive(self) -> None:
        """Raises CannotRun when a child has ended by itself."""
        for child in self._children:
            if child.poll() is not None:
                raise CannotRun("run.child-ended", name="gateway", log=self.plan.folder / "gateway.log")

    def _claim_folder(self) -> None:
        self.plan.folder.mkdir(parents=True, exist_ok=True)
        # Held open for as long as we live: the lock goes with the process, however it ends.
        self._lock = (self.plan.folder / "lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRun("run.already-running", folder=self.plan.folder.resolve()) from None
        for old in self.plan.folder.iterdir():
            if old.name != "lock":
                shutil.rmtree(old) if old.is_dir() else old.unlink()

    def _refuse_taken_ports(self) -> None:
        for port in (*self.plan.mock_ports, self.plan.gateway_port):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    raise CannotRun("error.port-taken", port=port) from None

    def _start_mocks(self) -> None:
        plan, ready_file = self.plan, self.plan.folder / "mocks.json"
        ports = ",".join(map(str, plan.mock_ports))
        arguments = ["--people", str(plan.people), "--seed", str(plan.seed), "--ports", ports]
        self._start("mocks", ["-m", "mock_services", "serve", *arguments, "--ready-file", str(ready_file)], {})
        self._wait("mocks", ready_file.exists)
        self.ready = json.loads(ready_file.read_text("utf-8"))

    def _start_gateway(self) -> None:
        self._start("gateway", ["-m", "gateway.cli", "serve"], self.environment())
        self._wait("gateway", self._gateway_ready)
        self.token = TOKEN_FILE.read_text("utf-8").strip()

    def environment(self) -> dict[str, str]:
        """The gateway's settings for this folder and these mocks."""
        folder = self.plan.folder.resolve()
        return {
            "LGSP_DATABASE__URL": f"sqlite:///{folder / 'lgsp.sqlite3'}",
            "LGSP_KEYS__FILE": str(folder / "keys.json"),
            "LGSP_HTTP__PORT": str(self.plan.gateway_port),
            "LGSP_HTTP__TOKEN_FILE": str(TOKEN_FILE.resolve()),
            **settings_for(self.ready),
            "LGSP_CAPTURE__INTERVAL_S": "0.5",
        }

    def _start(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> None:
        log = (self.plan.folder / f"{name}.log").open("wb")
        child = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - one thread, and the only way to be ended with us on kill -9
        )
        log.close()
        self._children.append(child)

    def _wait(self, name: str, ready: Any) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not ready():
            self.check_alive_or_explain(name)
            if time.monotonic() > deadline:
                raise CannotRun(
                    "run.not-ready", name=name, seconds=int(READY_WITHIN_S), log=self.plan.folder / f"{name}.log"
                )
            time.sleep(0.05)

    def check_alive_or_explain(self, name: str) -> None:
        """Raises CannotRun with what the newest child wrote last."""
        if self._children[-1].poll() is None:
            return
        log = self.plan.folder / f"{name}.log"
        lines = log.read_text("utf-8", "replace").strip().splitlines() or ["?"]
        raise CannotRun("run.child-failed", name=name, said=lines[-1], log=log)

    def _gateway_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2.0).status_code == 200
        except httpx.TransportError:
            return False
