"""A server process that cannot outlive the process that started it, whatever kills that one.

A watcher stands between the two. It holds the reading end of a pipe whose writing end only the owner has, so that the
owner's death, kill -9 included, is an end of file: the watcher then stops the server and removes its directories. A
child that the owner forks without exec holds the pipe too, hence a second sign: the watcher's parent is no longer the
owner. If the watcher itself is killed, the kernel sends the server its stop signal (Linux only).

This file is both sides: the owner's class, and, run as a script with the standard library alone, the watcher.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
WATCH_INTERVAL_S = 0.5
STOP_MARGIN_S = 10.0
LOG_TAIL_BYTES = 4000


@dataclass(frozen=True, slots=True)
class Order:
    """What the watcher is to run, how to stop it, and what to remove afterwards."""

    command: Sequence[str]
    log: str
    """File that takes the server's output. The watcher opens it, so the server's own user need not be able to."""
    environment: Mapping[str, str] = field(default_factory=dict)
    uid: int | None = None
    gid: int | None = None
    stop_signal: int = signal.SIGTERM
    grace_s: float = 10.0
    """Time between the stop signal and SIGKILL."""
    remove: Sequence[str] = ()
    """Directories to delete once the server is gone."""


class Leashed:
    """The owner's hold on one running server."""

    def __init__(self, order: Order) -> None:
        """Start the server; raises `OSError` if its program cannot be run."""
        self._order = order
        self._watcher = subprocess.Popen(
            # -I: neither this folder nor the caller's PYTHONPATH may shadow the standard library.
            [sys.executable, "-I", __file__, str(os.getpid()), json.dumps(asdict(order))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C in the terminal is for the owner alone
        )
        assert self._watcher.stdout is not None
        first_line = self._watcher.stdout.readline().strip()
        if not first_line.isdigit():
            self.stop()
            raise OSError(first_line or "the watcher of the server ended at once")
        self.pid = int(first_line)
        """Process id of the server itself."""

    def is_running(self) -> bool:
        """False as soon as the server has ended."""
        return self._watcher.poll() is None

    def last_words(self) -> str:
        """The end of the log of a server that ended by itself; empty while it runs."""
        if self.is_running() or self._watcher.stdout is None or self._watcher.stdout.closed:
            return ""
        return self._watcher.stdout.read().strip()

    def stop(self) -> None:
        """Stop the server and wait until it is gone and its directories are removed. Doing so twice is harmless."""
        if self._watcher.stdin is not None:
            self._watcher.stdin.close()
        if self._watcher.stdout is not None:
            self._watcher.stdout.close()
        self._watcher.wait(timeout=self._order.grace_s + STOP_MARGIN_S)


def _follow_into_death(stop_signal: int, watcher_pid: int) -> Callable[[], None]:
    """What the server's process does between fork and exec. The library is loaded here, before the fork."""
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None)

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() != watcher_pid:  # it died before prctl could bind us to it
            os._exit(1)

    return bind


def _start(order: Order) -> subprocess.Popen[bytes]:
    with Path(order.log).open("ab") as log:
        return subprocess.Popen(
            list(order.command),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={**os.environ, **order.environment},
            user=order.uid,
            group=order.gid,
            extra_groups=[] if order.uid is not None else None,
            # After setuid, which would undo it. This process has one thread, so nothing can hang between fork and exec.
            preexec_fn=_follow_into_death(order.stop_signal, os.getpid()),  # noqa: PLW1509 - one thread, see above
        )


def _owner_is_gone(owner_pid: int) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], WATCH_INTERVAL_S)
    return bool(readable) or os.getppid() != owner_pid


def _stop(server: subprocess.Popen[bytes], order: Order) -> None:
    if server.poll() is None:
        server.send_signal(order.stop_signal)
    try:
        server.wait(timeout=order.grace_s)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_TAIL_BYTES))
        return file.read().decode(errors="replace")


def _run(owner_pid: int, order: Order) -> None:
    try:
        server = _start(order)
    except OSError as error:
        print(f"{order.command[0]} cannot be started: {error}", flush=True)
        return
    print(server.pid, flush=True)
    while not _owner_is_gone(owner_pid):
        if server.poll() is not None:
            print(_tail(Path(order.log)), flush=True)
            return
    _stop(server, order)


def _watch(owner_pid: int, order: Order) -> None:
    for survived in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        # Only the owner's end, or the server's own, ends this process. A handler that does nothing, because an ignored
        # signal stays ignored in the server, and a Java machine then never hears its stop signal.
        signal.signal(survived, lambda _number, _frame: None)
    try:
        with contextlib.suppress(BrokenPipeError):  # the owner died while it was being told something
            _run(owner_pid, order)
    finally:
        for directory in order.remove:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    _watch(int(sys.argv[1]), Order(**json.loads(sys.argv[2])))
