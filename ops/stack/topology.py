"""What a stack consists of: one table of parts, and how each finds the others."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg.errors

from gateway.cli.connection import TOKEN_FILE
from gateway.cli.demonstration.systems import settings_for
from gateway.roles import Role, has_doors
from gateway.store import migrations
from ops.local.kafka import LocalKafka
from ops.local.ports import free_port
from ops.local.postgres import LocalPostgres
from ops.stack.children import Child, ProgramChild, ServerChild
from ops.stack.folder import StackFolder

DATABASE: Final = "lgsp_stack"
# Eight processes with a pool each, and people who look.
POSTGRES_SETTINGS: Final = {"max_connections": "250"}
PARTS: Final[tuple[tuple[str, Role], ...]] = (
    ("api-1", "api"),
    ("api-2", "api"),
    ("relay-1", "relay"),
    ("relay-2", "relay"),
    ("propagate-1", "propagate"),
    ("propagate-2", "propagate"),
    ("capture-1", "capture"),
    ("watch-1", "watch"),
)
_DOORS: Final = tuple(name for name, role in PARTS if has_doors(role))
_TOPICS_WITHIN_S: Final = 60.0
_TOKEN_BYTES: Final = 32


def api_ports(first: int) -> list[int]:
    """Of the api processes; 0 stands for any free one."""
    return [first + place if first else 0 for place in range(len(_DOORS))]


@dataclass(frozen=True, slots=True)
class StackPlan:
    """What is wanted. The api processes take `api_port` and the next ones; 0 = any free ones."""

    folder: StackFolder = field(default_factory=StackFolder)
    api_port: int = 8080
    people: int = 2_000
    seed: int = 7
    settings: Mapping[str, str] = field(default_factory=dict)
    """More of the gateway's variables, laid over those made here."""


class Topology:
    """Builds the children once; their environment is complete when the simulated systems have said where they are."""

    def __init__(self, plan: StackPlan) -> None:
        self._plan = plan
        self._folder = plan.folder
        self._postgres = LocalPostgres(self._data("postgres"), durable=True, tcp=True, settings=POSTGRES_SETTINGS)
        self._kafka = LocalKafka(self._data("kafka"))
        self._mocks_file = self._folder.path / "mocks.json"
        self._mocks_file.unlink(missing_ok=True)
        self._mock_ports = [free_port() for _ in range(4)]
        self._ports = {name: self._port(name) for name, _ in PARTS}
        self._metrics_ports = {name: free_port() for name, _ in PARTS}
        self._token = _kept_token(self._folder.path / "token")
        # A later `lgsp` in this working folder finds the token where it finds that of `lgsp run`.
        TOKEN_FILE.parent.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """Of the first api process."""
        return f"http://127.0.0.1:{self._ports['api-1']}"

    def children(self) -> list[Child]:
        """In the order in which they are first started; any other would do."""
        postgres_address = self._postgres.url.rpartition("@")[2].partition("/")[0]
        servers: list[Child] = [
            ServerChild("postgresql", self._postgres, postgres_address, self._prepare_database),
            ServerChild("kafka", self._kafka, self._kafka.bootstrap_servers, self._prepare_topics),
        ]
        return [*servers, self._mocks(), *(self._part(name, role) for name, role in PARTS)]

    def environment(self) -> dict[str, str]:
        """With which `lgsp` finds database, stream, keys and systems. The mocks must have said where they are."""
        ready = json.loads(self._mocks_file.read_text("utf-8"))
        return {
            "LGSP_DATABASE__URL": self._postgres.url_of(DATABASE),
            **self._stream(),
            "LGSP_KEYS__FILE": str(self._folder.path / "keys.json"),
            "LGSP_HTTP__TOKEN": self._token,
            "LGSP_HTTP__TOKEN_FILE": str(TOKEN_FILE.absolute()),
            **settings_for(ready),
            "LGSP_CAPTURE__INTERVAL_S": "0.5",
            **self._plan.settings,
        }

    def _prepare_database(self) -> None:
        with contextlib.suppress(psycopg.errors.DuplicateDatabase):
            self._postgres.create_database(DATABASE)
        migrations.upgrade(self._postgres.url_of(DATABASE))

    def _prepare_topics(self) -> None:
        """Raises RuntimeError with what `lgsp topics apply` said."""
        done = subprocess.run(
            [sys.executable, "-m", "gateway.cli", "topics", "apply"],
            check=False,
            capture_output=True,
            text=True,
            timeout=_TOPICS_WITHIN_S,
            env={**os.environ, **self._stream()},
        )
        if done.returncode != 0:
            raise RuntimeError(f"topics: {done.stderr.strip()[-200:]}")

    def _stream(self) -> dict[str, str]:
        return {"LGSP_KAFKA__BOOTSTRAP_SERVERS": self._kafka.bootstrap_servers, "LGSP_KAFKA__REPLICATION": "1"}

    def _mocks(self) -> Child:
        plan = self._plan
        world = ["--people", str(plan.people), "--seed", str(plan.seed)]
        ports = ",".join(map(str, self._mock_ports))
        arguments = ["-m", "mock_services", "serve", *world, "--ports", ports, "--ready-file", str(self._mocks_file)]
        return ProgramChild(
            "mocks",
            arguments,
            dict,
            self._folder.log("mocks"),
            address=f"http://127.0.0.1:{self._mock_ports[0]}",
            ready=self._mocks_file.exists,
        )

    def _part(self, name: str, role: Role) -> Child:
        def environment() -> dict[str, str]:
            return {
                **self.environment(),
                "LGSP_HTTP__PORT": str(self._ports[name]),
                "LGSP_METRICS__PORT": str(self._metrics_ports[name]),
                "LGSP_KAFKA__INSTANCE_ID": name,
            }

        return ProgramChild(
            name,
            ["-m", "gateway.cli", "serve", role],
            environment,
            self._folder.log(name),
            address=f"http://127.0.0.1:{self._ports[name]}",
            metrics=f"http://127.0.0.1:{self._metrics_ports[name]}/metrics",
            may_start=self._mocks_file.exists,
        )

    def _port(self, name: str) -> int:
        return dict(zip(_DOORS, api_ports(self._plan.api_port), strict=True)).get(name) or free_port()

    def _data(self, server: str) -> Path:
        return self._folder.path / server


def _kept_token(file: Path) -> str:
    """The door's token, the same for every api process and every start of this stack."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(_TOKEN_BYTES), "utf-8")
    return file.read_text("utf-8")
