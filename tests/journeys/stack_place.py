"""A stack as the place of a journey: brought up by the program that people use, its parts killed by process id."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from ops.stack.folder import PartStatus, StackFolder
from tests.architecture.tree import ROOT
from tests.journeys.place import Place
from tests.journeys.planted.faults import DEATHS_VARIABLE
from tests.journeys.programs import clean_environment

UP_WITHIN_S: Final = 240.0
DOWN_WITHIN_S: Final = 90.0
_LOOK_AGAIN_S: Final = 0.2


class StackPlace(Place):
    """Entered: all parts are ready. Left: none is left."""

    def __init__(self, folder: Path, *, people: int, seed: int, plant: str | None = None) -> None:
        """`plant`: a fault of `tests.journeys.planted` for every role of the gateway."""
        self._stack = StackFolder(folder / "stack")
        self._stack.make()
        world = ["--people", str(people), "--seed", str(seed), "--port", "0"]
        with self._stack.log("supervisor").open("wb") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "ops.stack", "supervise", "--folder", str(self._stack.path), *world],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**clean_environment(), **_planting(plant, folder)},
                cwd=folder,
                start_new_session=True,
            )
        try:
            url = self._until_ready()
        except BaseException:
            self._end()
            raise
        super().__init__(folder, url, (self._stack.path / "token").read_text("utf-8"))
        self.ready = json.loads((self._stack.path / "mocks.json").read_text("utf-8"))

    def __enter__(self) -> StackPlace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._end()

    @property
    def token(self) -> str:
        """Of the doors."""
        return (self._stack.path / "token").read_text("utf-8")

    def environment(self) -> dict[str, str]:
        """The parts' settings, from the file that is written for people."""
        lines = self._stack.environment_file.read_text("utf-8").splitlines()
        pairs = (shlex.split(line)[0].partition("=") for line in lines)
        return {name: value for name, _, value in pairs}

    def parts(self) -> dict[str, PartStatus]:
        """As the supervisor last saw them."""
        status = self._stack.read_status()
        assert status is not None, "the supervisor is gone"
        return {part.name: part for part in status.parts}

    def kill(self, name: str) -> None:
        """kill -9, once the part runs."""
        pid = self.until(lambda: self.parts()[name].pid, f"{name} runs", 60.0)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: self.parts()[name].pid != pid, f"the end of {name} is noticed", 60.0)

    def until_all_ready(self) -> None:
        """Every part does its work again, unaided."""
        self.until(lambda: all(part.state == "ready" for part in self.parts().values()), "all ready", 120.0)

    def last_words(self) -> str:
        """Of the supervisor's page, and of every part."""
        status = self._stack.read_status()
        page = [f"{part.name}: {part.state} {part.restarts} {part.says}" for part in status.parts] if status else []
        logs = sorted((self._stack.path / "logs").iterdir())
        return (
            "\n".join(page)
            + "\n"
            + "\n".join(f"{log.name}: {log.read_text('utf-8', 'replace')[-400:]}" for log in logs)
        )

    def _until_ready(self) -> str:
        deadline_s = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < deadline_s and self._supervisor.poll() is None:
            status = self._stack.read_status()
            if status is not None and status.is_ready() and self._stack.environment_file.exists():
                return status.url
            time.sleep(_LOOK_AGAIN_S)
        raise RuntimeError(f"the stack is not up: {self.last_words()}")

    def _end(self) -> None:
        self._supervisor.terminate()
        try:
            self._supervisor.wait(DOWN_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()


def _planting(fault: str | None, folder: Path) -> dict[str, str]:
    if fault is None:
        return {}
    path = [str(ROOT / "tests/journeys/planted"), str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        "PLANTED_FAULT": fault,
        DEATHS_VARIABLE: str(folder),
        "PYTHONPATH": os.pathsep.join(one for one in path if one),
    }
