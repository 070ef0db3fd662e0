"""Keeps every part running: what ends is started again, slower each time, until the stack is told to end."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ops.stack.children import Child, ProgramChild
from ops.stack.folder import PartState, PartStatus, StackFolder, StackStatus

LOOK_AGAIN_S: Final = 0.2
RESTART_FIRST_S: Final = 0.2
RESTART_LONGEST_S: Final = 5.0
STEADY_AFTER_S: Final = 30.0
"""Up for so long, a part is trusted again, and its next restart is quick."""


@dataclass(slots=True)
class Watched:
    """A child, and what the supervisor knows of it."""

    child: Child
    state: PartState = "waiting"
    since: str = ""
    restarts: int = 0
    failures: int = 0
    start_at_s: float = 0.0
    started_at_s: float = 0.0
    says: str = ""

    def turn(self, state: PartState) -> None:
        """Note a change of state, with its instant."""
        if state != self.state or not self.since:
            self.state = state
            self.since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Supervisor:
    """One thread looks at each child in turn; nothing here waits for one of them except a server's own start."""

    def __init__(
        self,
        folder: StackFolder,
        url: str,
        children: Sequence[Child],
        environment: Callable[[], Mapping[str, str]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._url = url
        self._environment = environment
        self._watched = [Watched(child) for child in children]
        self._monotonic = monotonic

    def run(self, stopping: Callable[[], bool]) -> None:
        """Until `stopping` says so; then the children end in reverse order."""
        told = False
        try:
            while not stopping():
                self.look()
                if not told and self.status().is_ready():
                    self._folder.write_environment(self._environment())
                    told = True
                time.sleep(LOOK_AGAIN_S)
        finally:
            for watched in reversed(self._watched):
                watched.child.stop()

    def look(self) -> None:
        """Look at every child once, start what is due, and write the page."""
        for watched in self._watched:
            self._look_at(watched)
            self._folder.write_status(self.status())

    def status(self) -> StackStatus:
        """The page."""
        return StackStatus(os.getpid(), self._url, [_status(watched) for watched in self._watched])

    def _look_at(self, watched: Watched) -> None:
        now_s = self._monotonic()
        if watched.child.is_running():
            if now_s - watched.started_at_s > STEADY_AFTER_S:
                watched.failures = 0
            watched.turn("ready" if watched.child.is_ready() else "starting")
            return
        if watched.state in ("starting", "ready"):
            self._note_end(watched, now_s)
        if now_s >= watched.start_at_s and watched.child.may_start():
            self._start(watched)

    def _note_end(self, watched: Watched, now_s: float) -> None:
        wait_s = min(RESTART_FIRST_S * 2**watched.failures, RESTART_LONGEST_S)
        watched.failures += 1
        watched.restarts += 1
        watched.start_at_s = now_s + wait_s
        watched.says = watched.child.last_words() if isinstance(watched.child, ProgramChild) else ""
        watched.turn("ended")

    def _start(self, watched: Watched) -> None:
        try:
            watched.child.start()
        except (OSError, RuntimeError) as error:
            watched.turn("starting")
            self._note_end(watched, self._monotonic())
            watched.says = str(error)[:300]
            return
        watched.started_at_s = self._monotonic()
        watched.says = ""
        watched.turn("starting")


def _status(watched: Watched) -> PartStatus:
    child = watched.child
    metrics = child.metrics if isinstance(child, ProgramChild) else ""
    return PartStatus(
        child.name, watched.state, child.pid, watched.restarts, watched.since, child.address, watched.says, metrics
    )
