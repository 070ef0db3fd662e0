"""The parser's process as this one sees it: lines that come within a time, and a reason when they stop.

A file made to harm hits a process that holds nothing of ours: no setting, no token, no open file but the workbook.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final

import gateway
from gateway.cli.sheets.bounds import LINE_BYTES_MAX, TableRefused
from gateway.cli.sheets.telling import heard

_PROGRAM: Final = "gateway.cli.sheets"
_ENDS_WITHIN_S: Final = 5.0
_NO_MEMORY: Final = 2
_BLOCK: Final = 1 << 16
_KEPT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
"""Of the environment: what an interpreter needs to start. Secrets of ours are no business of a parser."""


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """`wait_s`: how long we wait for the child in all; the time in which it waits for us does not count.

    The largest list that `archive` lets through (200,000 rows of 31 columns) took 441 MiB, 12 s of a processor, and
    29 s on two busy ones.
    """

    memory_mib: int = 1_024
    cpu_s: int = 60
    wait_s: float = 180.0


class Confined:
    """A child process that reads one workbook; whoever made it closes it."""

    def __init__(self, path: Path, limits: ReadingLimits, program: Sequence[str] | None = None) -> None:
        self._path = path
        self._limits = limits
        self._left_s = limits.wait_s
        self._timed_out = False
        self._lines: deque[bytes] = deque()
        self._begun = b""
        self._child = subprocess.Popen(
            [*(program or _program()), str(path.absolute()), str(limits.memory_mib), str(limits.cpu_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What a parser says when it breaks may quote the cell that broke it.
            stderr=subprocess.DEVNULL,
            env=_environment(),
            close_fds=True,
        )
        assert isinstance(self._child.stdout, BufferedReader), "a pipe is read through a buffer"
        self._out = self._child.stdout

    def close(self) -> None:
        """End the child, whatever it is at."""
        self._kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._out):
            # What was asked of a child that is gone cannot be flushed to it.
            with contextlib.suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()

    def ask(self, word: bytes) -> None:
        """Say which rows are wanted. A child that is gone is found at the next line."""
        assert self._child.stdin is not None, "the child was started with a pipe"
        try:
            self._child.stdin.write(word)
            self._child.stdin.flush()
        except OSError:
            return

    def next(self) -> object:
        """The next row or message. Raises TableRefused when none comes."""
        while not self._lines:
            self._fill()
        try:
            return heard(self._lines.popleft())
        except (ValueError, RecursionError):
            raise self._broke() from None

    def _fill(self) -> None:
        block = self._block()
        if not block:
            raise self._ended()
        *whole, self._begun = (self._begun + block).split(b"\n")
        self._lines.extend(whole)
        if len(self._begun) > LINE_BYTES_MAX:
            raise self._broke()

    def _block(self) -> bytes:
        """What has come, at least a byte; nothing at the end. One clock for a block: for a line it would cost more
        than the line."""
        begun_s = time.monotonic()
        clock = threading.Timer(max(self._left_s, 0.0), self._give_up)
        clock.start()
        try:
            return self._out.read1(_BLOCK)
        finally:
            clock.cancel()
            self._left_s -= time.monotonic() - begun_s

    def _give_up(self) -> None:
        self._timed_out = True
        self._kill()

    def _kill(self) -> None:
        # By the handle that we hold, which names no other process after the child is gone.
        self._child.kill()

    def _ended(self) -> TableRefused:
        """Why there are no more lines."""
        self._let_it_end()
        name, code = self._path.name, self._child.returncode
        if self._timed_out or code == -getattr(signal, "SIGXCPU", 0) != 0:
            return TableRefused("reading-takes-too-long", path=name)
        # Where Rust gets no memory it aborts.
        if code in (_NO_MEMORY, -signal.SIGABRT):
            return TableRefused("reading-needs-too-much", path=name, limit_mib=str(self._limits.memory_mib))
        return self._broke()

    def _let_it_end(self) -> None:
        try:
            self._child.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._kill()
            self._child.wait()

    def _broke(self) -> TableRefused:
        return TableRefused("reading-broke-off", path=self._path.name)


def _program() -> list[str]:
    # -B: it may write nothing. -P: no module of the folder in which somebody keeps downloaded files. -S: starts faster.
    return [sys.executable, "-B", "-P", "-S", "-m", _PROGRAM]


def _environment() -> dict[str, str]:
    """Where our modules are, and next to nothing else."""
    root = str(Path(gateway.__file__).absolute().parents[1])
    places = [root, *(place for place in sys.path if place and place != root)]
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONPATH": os.pathsep.join(places)}
