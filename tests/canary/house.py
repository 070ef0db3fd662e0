"""A gateway among simulated systems full of canaries; all that it answers and all that commands say is kept."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Final
from unittest import mock

import httpx

from gateway.cli.terminal import call
from ops.local.ports import free_port
from tests.canary.people import PEOPLE, SEED
from tests.journeys.place import PURPOSE
from tests.journeys.programs import Program, clean_environment
from tests.journeys.town import GATEWAY, TOKEN, Town

BODY_BYTES_MAX: Final = 4_000_000
_COMMAND_WITHIN_S: Final = 120
_AGENCY: Final = {"code": "H35.1", "name": "Công an tỉnh"}


class CanaryHouse(Town):
    """`kept`: what was answered and said. `inputs`: what operators wrote themselves, which nobody searches."""

    def __init__(self, folder: Path, database_url: str, settings: Mapping[str, str]) -> None:
        self.kept, self.inputs, self.temporary = folder / "kept", folder / "inputs", folder / "temporary"
        for one in (self.kept, self.inputs, self.temporary, folder / "home"):
            one.mkdir()
        self._metrics_port = free_port()
        told = {
            "TMPDIR": str(self.temporary),
            "HOME": str(folder / "home"),
            "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]),
            "LGSP_LOG__LEVEL": "debug",
            "LGSP_LOG__FORMAT": "json",
            "LGSP_METRICS__PORT": str(self._metrics_port),
            "LGSP_HTTP__BODY_BYTES_MAX": str(BODY_BYTES_MAX),
            "LGSP_WATCH__GRACE_S": "1",
            **settings,
        }
        super().__init__(folder, database_url, people=PEOPLE, seed=SEED, settings=told, street="tests.canary.street")
        self._numbers = itertools.count(1)

    def die(self, *, log_level: str) -> None:
        """kill -9 in the middle of work, and up again, with another level of logs."""
        self.gateway.kill()
        told = {**self.environment(), "LGSP_LOG__LEVEL": log_level}
        self.gateway = Program(f"gateway-{log_level}", (*GATEWAY, self.role), self.folder, told)
        self.start_gateway()

    def ask(self, name: str, method: str, path: str, by: httpx.Client | None = None, **how: Any) -> httpx.Response:
        """Ask, and keep the answer with its headers. What cannot be asked for is kept as the reason."""
        # The sender's own key of an entry comes back to the sender alone, whose word it is.
        own = how.pop("own", "")
        answer = (by or self.http).request(method, path, **how)
        headers = b"".join(key + b": " + value + b"\n" for key, value in answer.headers.raw)
        content = answer.content.replace(b'"key":"%b"' % own.encode(), b'"key":"(own)"') if own else answer.content
        self.keep(f"{name}.answer", b"%d\n%b\n%b" % (answer.status_code, headers, content))
        return answer

    def keep(self, name: str, said: bytes) -> Path:
        """Keep what was said, to be searched at the end."""
        path = self.kept / f"{next(self._numbers):04d}-{name}"
        path.write_bytes(said)
        return path

    def command(
        self, *typed: str, said: str = "", token: str = TOKEN, may: Iterable[int] = (0,), apart: bool = False
    ) -> str:
        """`lgsp …`, as people type it; what it prints is kept. `may`: the exit codes that are right.

        `apart`: as a process of its own, which takes seconds to begin.
        """
        told = {"LGSP_URL": self.url, "LGSP_TOKEN": token, "LGSP_PURPOSE": PURPOSE["LGSP-Purpose"]}
        told |= {"LGSP_PURPOSE_REFERENCE": PURPOSE["LGSP-Purpose-Reference"], "COLUMNS": "240"}
        environment = {**clean_environment(), **self.environment(), **told}
        run = _apart if apart else _here
        code, printed = run(["--lang", "en", *typed], environment, said)
        self.keep(f"{typed[0]}-{typed[1]}.said", printed.encode())
        assert code in may, (typed[:2], code, printed[-2_000:])
        return printed

    def metrics(self) -> None:
        """Keep what a collector of metrics is told."""
        answer = httpx.get(f"http://127.0.0.1:{self._metrics_port}/metrics", timeout=30, trust_env=False)
        assert answer.status_code == 200
        self.keep("metrics", answer.content)

    def officer(self, name: str, **rights: str) -> str:
        """Somebody with a key, on the first day: the key."""
        assert self.http.post("/v1/agencies", json=_AGENCY).status_code == 200
        wanted = {"name": name, "kind": "person", "agency": _AGENCY["code"], "unit": "12", "role": "province_officer"}
        made = self.http.post("/v1/callers", json={**wanted, **rights})
        assert made.status_code == 201, made.text
        key = self.http.post(f"/v1/callers/{name}/keys", json={})
        assert key.status_code == 201, key.text
        return str(key.json()["secret"])

    def client(self, key: str) -> httpx.Client:
        """Who calls with this key."""
        headers = {"Authorization": f"Bearer {key}", **PURPOSE}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)


def _here(typed: Sequence[str], environment: dict[str, str], said: str) -> tuple[int, str]:
    printed = io.StringIO()
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch("sys.stdin", io.StringIO(said)),
        redirect_stdout(printed),
        redirect_stderr(printed),
    ):
        return call(typed), printed.getvalue()


def _apart(typed: Sequence[str], environment: dict[str, str], said: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "gateway.cli", *typed]
    done = subprocess.run(
        command, check=False, env=environment, input=said.encode(), capture_output=True, timeout=_COMMAND_WITHIN_S
    )
    return done.returncode, (done.stdout + done.stderr).decode()
