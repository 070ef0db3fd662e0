"""The erasure ledger: a file beside the key file, outside the database and its backups, one line per person erased.

A line is JSON: `at` (UTC) and `marks` (hexadecimal HMACs). Nothing in it tells who the person was; with the
house's keys it tells whether somebody at hand is one of them.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

import orjson

from gateway.security.keyring import KeysUnusable


@dataclass(frozen=True, slots=True)
class Erased:
    """One person who was erased: when, and the marks by which they are known again."""

    at: str
    marks: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The file. It only grows."""

    path: Path

    def append(self, one: Erased) -> None:
        """On the disk when this returns. Raises KeysUnusable."""
        line = orjson.dumps({"at": one.at, "marks": sorted(mark.hex() for mark in one.marks)})
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                # What a power cut left without an end was never confirmed, and would make one line of two.
                whole = file.read().rfind(b"\n") + 1
                file.truncate(whole)
                file.seek(whole)
                file.write(line + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise KeysUnusable(_said(self.path, error)) from None

    def read(self) -> list[Erased]:
        """Everybody, oldest first; nobody when there is no file yet. A last line without an end was never confirmed.

        Raises KeysUnusable.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise KeysUnusable(_said(self.path, error)) from None
        whole = content[: content.rfind(b"\n") + 1]
        try:
            return [_parse(line) for line in whole.splitlines() if line]
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise KeysUnusable(_said(self.path, error)) from None


def _parse(line: bytes) -> Erased:
    said = orjson.loads(line)
    return Erased(str(said["at"]), frozenset(bytes.fromhex(mark) for mark in said["marks"]))


def _said(path: Path, error: Exception) -> str:
    return f"Sổ xóa dữ liệu không dùng được / erasure ledger unusable: {path} ({type(error).__name__})"
