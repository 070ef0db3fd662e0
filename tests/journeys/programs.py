"""Child processes of a journey: started, waited for, killed, ended; gone when we are, however we end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

READY_WITHIN_S: Final = 60.0
END_WITHIN_S: Final = 30.0
LOOK_AGAIN_S: Final = 0.05
_PR_SET_PDEATHSIG: Final = 1
_PRCTL = ctypes.CDLL(None).prctl


class Program:
    """One child process; its output is in `log`."""

    def __init__(self, name: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._arguments = [sys.executable, *arguments]
        self._environment = {**clean_environment(), **environment}
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running child."""
        assert self._child is not None, "started"
        return self._child.pid

    def is_running(self) -> bool:
        """Started, and neither killed nor ended by us."""
        return self._child is not None

    def start(self, ready: Callable[[], bool]) -> None:
        """Start, and wait until `ready`. Raises RuntimeError with the last words of a child that ended."""
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - the only way to be ended with a killed test run
            )
        deadline_s = time.monotonic() + READY_WITHIN_S
        while not ready():
            if self._child.poll() is not None or time.monotonic() > deadline_s:
                self.end()
                raise RuntimeError(f"{self.name} did not start: {self.last_words()}")
            time.sleep(LOOK_AGAIN_S)

    def kill(self) -> None:
        """kill -9: nothing can be finished."""
        assert self._child is not None, "started"
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()
        self._child = None

    def end(self) -> int | None:
        """SIGTERM, and SIGKILL for whoever does not listen; the exit status, or None when nothing was running."""
        if self._child is None:
            return None
        self._child.terminate()
        try:
            status = self._child.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            status = self._child.wait()
        self._child = None
        return status

    def last_words(self) -> str:
        """The end of the log."""
        return self.log.read_text("utf-8", "replace")[-1_500:]


def clean_environment() -> dict[str, str]:
    """This process's, without our settings, and without the width of somebody's terminal."""
    # Settings of whoever runs the tests must not reach the programs under test.
    return {name: value for name, value in os.environ.items() if not name.startswith("LGSP_") and name != "COLUMNS"}


def _end_with_parent() -> None:
    """prctl(2), PR_SET_PDEATHSIG: Linux ends the child when the thread that made it ends, killed or not."""
    _PRCTL(_PR_SET_PDEATHSIG, signal.SIGTERM)
