"""The town of a journey: the simulated systems and the gateway as processes, and what a test may ask of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gateway.cli.demonstration.systems import settings_for
from ops.local.ports import free_port
from tests.journeys.place import SYSTEMS, Place
from tests.journeys.programs import Program

TOKEN: Final = "a-token-of-the-tests-alone"
GATEWAY: Final = ("-m", "gateway.cli", "serve")
# Short waits, so that a story of minutes is told in seconds.
PACE: Final = {
    "LGSP_CAPTURE__INTERVAL_S": "0.2",
    "LGSP_CAPTURE__BREAKER_OPEN_S": "0.3",
    "LGSP_CAPTURE__BREAKER_OPEN_LONGEST_S": "1",
    "LGSP_PROPAGATION__BACKOFF_FIRST_S": "0.1",
    "LGSP_PROPAGATION__BACKOFF_LONGEST_S": "1",
    "LGSP_PROPAGATION__BREAKER_OPEN_S": "0.3",
    "LGSP_PROPAGATION__BREAKER_OPEN_LONGEST_S": "1",
    **{f"LGSP_TARGETS__{name.upper()}__TIMEOUT_S": "3" for name in SYSTEMS},
}


class Town(Place):
    """Entered: everything runs. Left: everything has ended."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        people: int = 2_000,
        seed: int = 7,
        settings: Mapping[str, str] | None = None,
        role: str = "all",
        street: str = "mock_services",
    ) -> None:
        """`street`: the program of the simulated systems."""
        super().__init__(folder, f"http://127.0.0.1:{free_port()}", TOKEN)
        self.role = role
        self.database_url = database_url
        self.keys_file = folder / "keys.json"
        self._ready_file = folder / "mocks.json"
        world = ["--people", str(people), "--seed", str(seed)]
        serve = ["-m", street, "serve", *world, "--ports", "0,0,0,0", "--ready-file", str(self._ready_file)]
        self.mocks = Program("mocks", serve, folder, {})
        self._settings = dict(settings or {})

    def __enter__(self) -> Self:
        self.mocks.start(self._ready_file.exists)
        self.ready = json.loads(self._ready_file.read_text("utf-8"))
        self.gateway = Program("gateway", (*GATEWAY, self.role), self.folder, self.environment())
        try:
            self.start_gateway()
        except BaseException:
            self.mocks.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self.gateway.end()
        self.mocks.end()

    def start_gateway(self) -> None:
        """Start it, the first time or again; on the same address, store and keys."""
        self.gateway.start(self._answers_ready)

    def environment(self) -> dict[str, str]:
        """The gateway's settings for this folder and these systems."""
        return {
            "LGSP_DATABASE__URL": self.database_url,
            "LGSP_KEYS__FILE": str(self.keys_file),
            "LGSP_HTTP__PORT": self.url.rpartition(":")[2],
            "LGSP_HTTP__TOKEN": TOKEN,
            "LGSP_HTTP__TOKEN_FILE": str(self.folder / "token"),
            **settings_for(self.ready),
            **PACE,
            **self._settings,
        }

    def last_words(self) -> str:
        """Of the gateway."""
        return self.gateway.last_words()
