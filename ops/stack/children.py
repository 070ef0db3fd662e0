"""What the supervisor looks after: something that can be started, asked whether it works, and stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import httpx

from gateway.cli.leash import end_with_parent

END_WITHIN_S: Final = 28.0
ANSWER_WITHIN_S: Final = 2.0


class Child(Protocol):
    """One part of the topology. `start` may raise OSError or RuntimeError; the supervisor then tries again."""

    name: str
    address: str

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        ...

    def may_start(self) -> bool:
        """Whether there is all that a start needs."""
        ...

    def start(self) -> None:
        """Begin; whether it works yet is for `is_ready` to say."""
        ...

    def is_running(self) -> bool:
        """False as soon as the process has ended, for whatever reason."""
        ...

    def is_ready(self) -> bool:
        """Whether it does its work now."""
        ...

    def stop(self) -> None:
        """End it and wait until it is gone. Harmless when nothing runs."""
        ...


class Server(Protocol):
    """PostgreSQL or Kafka as `ops.local` starts them."""

    @property
    def pid(self) -> int:
        """Of the server's own process."""
        ...

    def start(self) -> None:
        """Return once it takes connections."""
        ...

    def is_running(self) -> bool:
        """False as soon as it has ended."""
        ...

    def stop(self) -> None:
        """Stop it; doing so twice is harmless."""
        ...


class ServerChild:
    """A server whose `start` returns when it can be used: `prepare` gives it what its users expect to find."""

    def __init__(self, name: str, server: Server, address: str, prepare: Callable[[], None]) -> None:
        self.name = name
        self.address = address
        self._server = server
        self._prepare = prepare

    @property
    def pid(self) -> int | None:
        """Of the server."""
        return self._server.pid if self._server.is_running() else None

    def may_start(self) -> bool:
        """See `Child`."""
        return True

    def start(self) -> None:
        """Raises RuntimeError or OSError when it does not come up."""
        # What a killed server left (its watcher, its folder) goes first.
        self._server.stop()
        self._server.start()
        try:
            self._prepare()
        except BaseException:
            # Up without what its users need, it would look ready, and nobody would prepare it again.
            self._server.stop()
            raise

    def is_running(self) -> bool:
        """See `Child`."""
        return self._server.is_running()

    def is_ready(self) -> bool:
        """See `Child`."""
        return self._server.is_running()

    def stop(self) -> None:
        """See `Child`."""
        self._server.stop()


class ProgramChild:
    """A Python program of ours; it ends with the supervisor, however that ends."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Callable[[], Mapping[str, str]],
        log: Path,
        *,
        address: str = "",
        metrics: str = "",
        ready: Callable[[], bool] | None = None,
        may_start: Callable[[], bool] = lambda: True,
    ) -> None:
        """`environment` is asked at each start. Ready means: /readyz of `address` says so, unless `ready` is given."""
        self.name = name
        self.address = address
        self.metrics = metrics
        self._may_start = may_start
        self._arguments = [sys.executable, *arguments]
        self._environment = environment
        self._log = log
        self._ready = ready or self._answers
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """See `Child`."""
        return self._process.pid if self._process is not None and self.is_running() else None

    def may_start(self) -> bool:
        """See `Child`."""
        return self._may_start()

    def start(self) -> None:
        """See `Child`."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._environment()},
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - one thread, and the only way on kill -9
            )

    def is_running(self) -> bool:
        """See `Child`."""
        return self._process is not None and self._process.poll() is None

    def is_ready(self) -> bool:
        """See `Child`."""
        return self.is_running() and self._ready()

    def stop(self) -> None:
        """See `Child`."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """The last line of the log."""
        lines = self._log.read_text("utf-8", "replace").strip().splitlines() if self._log.exists() else []
        return lines[-1] if lines else ""

    def _answers(self) -> bool:
        try:
            answer: Any = httpx.get(f"{self.address}/readyz", timeout=ANSWER_WITHIN_S, trust_env=False)
        except httpx.TransportError:
            return False
        return bool(answer.status_code == 200)
