"""The stack's folder: its data, logs, lock and the page on which the supervisor says how everything is."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

import orjson

DEFAULT_FOLDER: Final = Path(".lgsp/stack")
PartState: TypeAlias = Literal["waiting", "starting", "ready", "ended"]


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part as the supervisor last saw it."""

    name: str
    state: PartState
    pid: int | None
    restarts: int
    since: str
    """UTC instant of the last change of state."""
    address: str
    says: str = ""
    """The last words of a part that does not stay up."""
    metrics: str = ""
    """Where Prometheus reads what the part measures; empty for servers of others."""


@dataclass(frozen=True, slots=True)
class StackStatus:
    """The whole page."""

    supervisor: int
    url: str
    parts: list[PartStatus] = field(default_factory=list)

    def is_ready(self) -> bool:
        """Whether every part does its work."""
        return bool(self.parts) and all(part.state == "ready" for part in self.parts)


class AlreadyUp(RuntimeError):
    """Another supervisor has the folder."""


class StackFolder:
    """Where a stack lives. Everything in it belongs to its owner alone: the environment file holds passwords."""

    def __init__(self, path: Path = DEFAULT_FOLDER) -> None:
        self.path = path.absolute()

    @property
    def environment_file(self) -> Path:
        """`NAME=value` lines with which a gateway part, or `lgsp doctor`, finds everything."""
        return self.path / "environment"

    def log(self, name: str) -> Path:
        """A part's log."""
        return self.path / "logs" / f"{name}.log"

    def make(self) -> None:
        """The folder and its log folder."""
        (self.path / "logs").mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711)  # the databases' own account must be able to pass through

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the folder alone. Raises AlreadyUp. The lock goes with the process, however it ends."""
        self.make()
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise AlreadyUp(str(self.path)) from None
            try:
                yield
            finally:
                self._status_file.unlink(missing_ok=True)

    def is_up(self) -> bool:
        """Whether a supervisor holds the folder."""
        if not (self.path / "lock").exists():
            return False
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    def write_status(self, status: StackStatus) -> None:
        """Whole or not at all: somebody may be reading."""
        draft = self._status_file.with_suffix(".draft")
        draft.write_bytes(orjson.dumps(asdict(status), option=orjson.OPT_INDENT_2))
        draft.replace(self._status_file)

    def read_status(self) -> StackStatus | None:
        """None while nothing is up."""
        if not self.is_up():
            return None
        try:
            page = orjson.loads(self._status_file.read_bytes())
        except FileNotFoundError:
            return None
        return StackStatus(page["supervisor"], page["url"], [PartStatus(**part) for part in page["parts"]])

    def write_environment(self, values: Mapping[str, str]) -> None:
        """Readable by the owner alone."""
        handle = os.open(self.environment_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{name}='{value}'\n" for name, value in values.items())

    def ask_to_end(self) -> None:
        """Tell the supervisor. Does nothing when there is none."""
        status = self.read_status()
        if status is not None:
            os.kill(status.supervisor, signal.SIGTERM)

    @property
    def _status_file(self) -> Path:
        return self.path / "status.json"
