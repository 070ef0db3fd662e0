"""Is an export whole and unchanged? Asked offline: it needs the export and the public key, nothing of the gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from gateway.audit.chain import START, ChainRow, Checkpoint, Head
from gateway.audit.lines import HEADER, Unreadable, read_line

CheckSignature: TypeAlias = Callable[[str, bytes, bytes], bool | None]
"""key id, message, signature -> genuine or not; None: a key that is not known here."""

FAULTS: Final = (
    "no-export",
    "unreadable",
    "position",
    "row-changed",
    "checkpoint",
    "signature",
    "key-unknown",
    "end-missing",
    "end-wrong",
    "after-end",
    "earlier",
)


@dataclass(frozen=True, slots=True)
class Trail:
    """An export that holds what was written, all of it, and nothing else."""

    rows: int
    checkpoints: int
    head: Head


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong: one of FAULTS, and the line (from 1) that shows it."""

    code: str
    line: int


class _Wrong(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Walk:
    """Goes along the lines once; holds no more than one."""

    def __init__(self, check: CheckSignature, earlier: Head | None) -> None:
        self._check = check
        self._earlier = earlier
        self._position = 0
        self._hash = START
        self._checkpoints = 0
        self.line = 0
        self.head: Head | None = None

    def step(self, text: bytes) -> None:
        """Raises _Wrong."""
        self.line += 1
        if self.head is not None:
            raise _Wrong("after-end")
        if self.line == 1:
            if text != HEADER:
                raise _Wrong("no-export")
            return
        try:
            part = read_line(text)
        except Unreadable:
            raise _Wrong("unreadable") from None
        if isinstance(part, ChainRow):
            self._row(part)
        elif isinstance(part, Checkpoint):
            self._checkpoint(part)
        else:
            self._end(part)

    def _row(self, row: ChainRow) -> None:
        if row.position != self._position + 1:
            raise _Wrong("position")
        if row.hash != row.expected_hash(self._hash):
            raise _Wrong("row-changed")
        self._position, self._hash = row.position, row.hash
        self._meet_earlier()

    def _checkpoint(self, one: Checkpoint) -> None:
        if (one.number, one.position, one.hash) != (self._checkpoints + 1, self._position, self._hash):
            raise _Wrong("checkpoint")
        self._signed(one)
        self._checkpoints = one.number

    def _end(self, head: Head) -> None:
        if (head.position, head.hash, head.checkpoints) != (self._position, self._hash, self._checkpoints):
            raise _Wrong("end-wrong")
        self._signed(head)
        if self._earlier is not None and self._earlier.position > head.position:
            raise _Wrong("earlier")
        self.head = head

    def _signed(self, one: Checkpoint | Head) -> None:
        genuine = self._check(one.key_id, one.message(), one.signature)
        if not genuine:
            raise _Wrong("key-unknown" if genuine is None else "signature")

    def _meet_earlier(self) -> None:
        earlier = self._earlier
        if earlier is not None and earlier.position == self._position and earlier.hash != self._hash:
            raise _Wrong("earlier")

    def trail(self) -> Trail:
        """Raises _Wrong."""
        if self.head is None:
            raise _Wrong("end-missing" if self.line else "no-export")
        return Trail(self._position, self._checkpoints, self.head)


def verify(lines: Iterable[bytes], check: CheckSignature, earlier: Head | None = None) -> Trail | Fault:
    """Walk along an export's lines. `earlier`: the end of an export made before, whose rows must all be in this one;
    only that finds an end that was cut off in the database itself."""
    walk = _Walk(check, earlier)
    try:
        for text in lines:
            walk.step(text)
        return walk.trail()
    except _Wrong as wrong:
        return Fault(wrong.code, max(walk.line, 1))
