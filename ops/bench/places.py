"""Databases for one run: new, empty, on the machine's own disk, and durable."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.local.postgres import LocalPostgres


@dataclass(slots=True)
class Place:
    """A kind of database, and a folder for what a server keeps beside it."""

    kind: str
    folder: Path
    postgres: LocalPostgres | None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"bench_{next(self._numbers)}"
        if self.postgres is not None:
            return self.postgres.create_database(name)
        return f"sqlite:///{self.folder / name}.sqlite3"


@contextmanager
def places(kinds: tuple[str, ...]) -> Iterator[list[Place]]:
    """PostgreSQL (fsync on, otherwise as in ops.local) and SQLite (WAL, synchronous=FULL)."""
    with TemporaryDirectory(prefix="lgsp-bench-") as name:
        folder = Path(name)
        found = []
        server = LocalPostgres(durable=True) if "postgresql" in kinds else None
        try:
            if server is not None:
                server.start()
                found.append(Place("postgresql", folder, server))
            if "sqlite" in kinds:
                found.append(Place("sqlite", folder, None))
            yield found
        finally:
            if server is not None:
                server.stop()
