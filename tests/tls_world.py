"""Certificates for tests: an authority that is trusted, one that is not, and files of what they sign."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from gateway.security.authority import Authority

VALID_FOR = dt.timedelta(days=2)
HERE = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class Papers:
    """`folder` holds `ours.pem`, `others.pem` (authorities) and, as asked, certificates with their keys."""

    folder: Path
    ours: Authority
    others: Authority

    @property
    def trusted(self) -> Path:
        return self.folder / "ours.pem"

    @property
    def untrusted(self) -> Path:
        return self.folder / "others.pem"

    def server(self, name: str, *hosts: str) -> tuple[Path, Path]:
        return self.ours.issue(name, hosts or HERE).write(self.folder, name)

    def client(self, name: str) -> tuple[Path, Path]:
        return self.ours.issue(name).write(self.folder, name)

    def stranger(self, name: str) -> tuple[Path, Path]:
        """A client whom the other authority knows under this name."""
        return self.others.issue(name).write(self.folder, f"stranger-{name}")


def papers(folder: Path) -> Papers:
    now = dt.datetime.now(dt.UTC)
    made = Papers(folder, *(Authority.new(name, now, VALID_FOR) for name in ("ours", "others")))
    made.trusted.write_bytes(made.ours.pem)
    made.untrusted.write_bytes(made.others.pem)
    return made
