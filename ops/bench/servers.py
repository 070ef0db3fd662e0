"""Servers under measurement: each in a process of its own, started, asked and stopped the same way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final

from ops.bench.load import Load, as_json
from ops.local.ports import free_port

READY_WITHIN_S: Final = 60.0
_LOOK_AGAIN_S: Final = 0.01
_STOP_WITHIN_S: Final = 30.0
_SECRETS: Final = (
    "PLATFORM__ACCESS_KEY",
    "PLATFORM__SECRET_KEY",
    "VERIFICATION__OFFICER_KEY_NAME",
    "VERIFICATION__OFFICER_KEY_PASS",
)


@dataclass(slots=True)
class Server:
    """A running server. `ready_after_s`: from the start of its process to its first good answer on /readyz."""

    process: subprocess.Popen[bytes]
    port: int
    token: str
    ready_after_s: float

    def memory_mb(self) -> float:
        """Resident memory now, megabytes of 10^6 bytes."""
        return self._memory_mb("VmRSS:")

    def memory_peak_mb(self) -> float:
        """The most that was ever resident."""
        return self._memory_mb("VmHWM:")

    def _memory_mb(self, name: str) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024 / 1e6
        raise RuntimeError(f"this system does not tell a process's memory ({name} in /proc)")

    def get(self, path: str) -> Any:
        """A JSON answer."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - always http on loopback
            return json.load(answer)

    def settle(self, within_s: float = 120.0) -> float:
        """Wait until the relay has published everything; answers how long that took, seconds."""
        begun = time.monotonic()
        while self.get("/v1/status")["relay"]["pending"]:
            if time.monotonic() - begun > within_s:
                raise RuntimeError(f"the relay has not caught up within {within_s:.0f} s")
            time.sleep(0.05)
        return time.monotonic() - begun

    def measure(self, load: Load, *, stream: bool = False) -> dict[str, Any]:
        """See `run_load`; against this server."""
        return run_load(replace(load, port=self.port, token=self.token), stream=stream)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self.process.terminate()
        try:
            self.process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def run_load(load: Load, *, stream: bool = False) -> dict[str, Any]:
    """Run the load in a process of its own; its summary. Raises RuntimeError when an answer was not a success."""
    command = [sys.executable, "-m", "ops.bench.load", *(["--stream"] if stream else [])]
    timeout_s = load.seconds_max + READY_WITHIN_S
    given = as_json(load).encode()
    done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=timeout_s)
    if done.returncode != 0:
        raise RuntimeError(f"the load ended badly: {done.stderr.decode()[-2_000:]}")
    summary: dict[str, Any] = json.loads(done.stdout)
    if wrong := {status: n for status, n in summary["statuses"].items() if status not in ("200", "201")}:
        raise RuntimeError(f"answers other than success: {wrong}; {summary['samples']}")
    return summary


def ours(folder: Path, database_url: str, module: Sequence[str] = ("gateway.cli", "serve"), **more: str) -> Server:
    """`lgsp serve` on a database, with its relay, and without the three systems: nothing is asked, heard or sent.

    `more`: further settings (`INTAKE__WRITERS="1"`). `folder` keeps the keys and the token.
    """
    port = free_port()
    settings = {
        "DATABASE__URL": database_url,
        "KEYS__FILE": str(folder / "keys.json"),
        "HTTP__PORT": str(port),
        "HTTP__TOKEN": "bench",
        "HTTP__TOKEN_FILE": str(folder / "token"),
        "LOG__LEVEL": "warning",
        "VERIFICATION__ENABLED": "false",
        "CAPTURE__ENABLED": "false",
        "TARGETS__POPULATION__ENABLED": "false",
        "TARGETS__SOCIAL_INSURANCE__ENABLED": "false",
        "TARGETS__LABOUR_MARKET__ENABLED": "false",
        **dict.fromkeys(_SECRETS, "bench"),
        "VERIFICATION__OFFICER_NUMBER": "012070000001",
        **more,
    }
    environment = {**os.environ, "LGSP_SETTINGS_FILE": str(folder / "none.toml")}
    environment.update({f"LGSP_{name}": value for name, value in settings.items()})
    return _start([sys.executable, "-m", *module], port, "bench", environment)


def rival(which: str, database_url: str = "") -> Server:
    """One of ops.bench.rivals."""
    port = free_port()
    command = [sys.executable, "-m", "ops.bench.rivals", which, "--port", str(port), "--database", database_url]
    return _start(command, port, "bench", dict(os.environ))


def _start(command: Sequence[str], port: int, token: str, environment: dict[str, str]) -> Server:
    begun = time.monotonic()
    said = tempfile.TemporaryFile()  # noqa: SIM115 - the process writes to it for as long as it lives
    process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
    server = Server(process, port, token, 0.0)
    _wait(server, said)
    server.ready_after_s = time.monotonic() - begun
    return server


def _wait(server: Server, said: IO[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            said.seek(0)
            raise RuntimeError(f"the server ended while starting: {said.read().decode()[-2_000:]}")
        if _is_ready(server):
            return
        time.sleep(_LOOK_AGAIN_S)
    server.process.kill()
    raise RuntimeError(f"the server was not ready after {READY_WITHIN_S:.0f} s")


def _is_ready(server: Server) -> bool:
    try:
        server.get("/readyz")
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True
