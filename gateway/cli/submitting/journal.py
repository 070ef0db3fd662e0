"""The progress journal beside a submitted file: what has been answered, so that a second run asks only for the rest.

It holds no personal data: row numbers, keys, entry ids, states, rule codes. The keys alone already keep a row from
being taken twice; the journal saves the time and the traffic.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson

from gateway.cli.submitting.outcome import ROW_ERROR, Outcome, proof_of
from gateway.cli.tables import Defaults
from gateway.cli.tables.rows import READING_VERSION

SUFFIX: Final = ".lgsp-progress.jsonl"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Held:
    """A row's answer from an earlier run; `rules` are those that found something."""

    state: str
    key: str
    entry_id: str | None
    version: int | None
    rules: tuple[str, ...]
    proof: tuple[str, int] | None = None


def run_identity(path: Path, defaults: Defaults) -> str:
    """Hex digest of the file's bytes and of everything else that decides which entries its rows become."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    decided = (digest.hexdigest(), READING_VERSION, defaults.form, defaults.declared_on, defaults.commune)
    return hashlib.sha256(orjson.dumps(decided)).hexdigest()


def row_key(identity: str, row: int) -> str:
    """The sender's key of a row: the same file and options give the same keys, on any machine."""
    return hashlib.sha256(f"{identity}:{row}".encode()).hexdigest()


class Journal:
    """Opened for one run. Where the folder cannot be written there is none, and a second run sends everything again."""

    def __init__(self, path: Path, identity: str, *, resume: bool) -> None:
        self.path = path.with_name(path.name + SUFFIX)
        found, self.held = _read(self.path)
        self.is_of_other_run = found is not None and found != identity
        if not resume or found != identity:
            self.held = {}
        self._identity = identity
        self._file: IO[bytes] | None = None
        self.is_writable = os.access(path.parent, os.W_OK)
        """Whether an interruption can be resumed from here."""

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Keep answers, on the disk before it returns; row errors are found again for nothing."""
        lines = [_line(one) for one in outcomes if one.state != ROW_ERROR]
        if not lines or not self.is_writable:
            return
        try:
            self._file = self._file or self._open(append=bool(self.held))
            self._file.write(b"".join(lines))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            # A full disk must not stop what the gateway is ready to take; the keys are enough.
            self.is_writable = False

    def close(self) -> None:
        """Close the file; it stays, so that submitting again says that everything is done."""
        if self._file is not None:
            self._file.close()

    def _open(self, *, append: bool) -> IO[bytes]:
        file = self.path.open("ab" if append else "wb")
        # A line that an interruption cut in two ends here, or the next one would be lost with it.
        file.write(b"\n" if append else orjson.dumps({"journal": _VERSION, "run": self._identity}) + b"\n")
        return file


def _line(one: Outcome) -> bytes:
    rules = [remark.rule for remark in one.remarks]
    kept = {"row": one.row, "key": one.key, "id": one.entry_id, "state": one.state, "version": one.version}
    proof = None if one.proof is None else {"batch": one.proof[0], "leaf": one.proof[1]}
    return orjson.dumps({**kept, "rules": rules, "proof": proof}, option=orjson.OPT_APPEND_NEWLINE)


def _read(path: Path) -> tuple[str | None, dict[int, Held]]:
    """Whose run it was, and its rows. What cannot be read is as if it had not been written."""
    held: dict[int, Held] = {}
    run: str | None = None
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file):
                value = _value(line)
                if number == 0:
                    run = value.get("run") if value.get("journal") == _VERSION else None
                elif isinstance(value.get("row"), int) and isinstance(value.get("state"), str):
                    held[value["row"]] = _held(value)
    except OSError:
        return None, {}
    return (run if isinstance(run, str) else None), held


def _value(line: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _held(value: dict[str, Any]) -> Held:
    rules = tuple(str(rule) for rule in value.get("rules") or ())
    return Held(
        value["state"],
        str(value.get("key")),
        value.get("id"),
        value.get("version"),
        rules,
        proof_of(value.get("proof")),
    )
