"""Looking for many thousand byte strings at once, in files that may be large and full of holes."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.canary.marks import Mark

_ANCHOR_LENGTH: Final = 6
_BLOCK: Final = 8 << 20
_OVERLAP: Final = 512
_SHOWN: Final = 60
_HASH_LENGTH_MIN: Final = 32
_HEX: Final = frozenset(b"0123456789abcdef")
_RUN: Final = re.compile(rb"[0-9A-Za-z+/_-]{16,}")
_RAW_HEAD: Final = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A trace: where, of which kind, in which encoding, and what stands around it."""

    place: str
    kind: str
    encoding: str
    whose: int | None
    around: bytes


class Search:
    """`marks` are looked for in everything, `digests` where values lie one by one (see `values`)."""

    def __init__(self, marks: Iterable[Mark], digests: Iterable[Mark] = ()) -> None:
        self._by_anchor: dict[bytes, dict[int, dict[bytes, Mark]]] = defaultdict(lambda: defaultdict(dict))
        for mark in marks:
            anchor = mark.written[: _anchor_length(mark)]
            self._by_anchor[anchor][len(mark.written)][mark.written] = mark
        self._anchor_lengths = sorted({len(anchor) for anchor in self._by_anchor})
        self._anchors = re.compile(_any_of(sorted(self._by_anchor)))
        self._digests: dict[bytes, Mark] = {mark.written: mark for mark in digests}
        self._heads = frozenset(int.from_bytes(one[:_RAW_HEAD], "little") for one in self._digests)
        self.read_bytes = 0

    def text(self, place: str, data: bytes) -> Iterator[Hit]:
        """Traces in these bytes."""
        self.read_bytes += len(data)
        for found in self._anchors.finditer(data):
            # An anchor may begin another one: all that stand here are tried.
            at = found.start()
            for anchor in self._beginning(data, at):
                for length, marks in self._by_anchor[anchor].items():
                    mark = marks.get(data[at : at + length])
                    if mark is not None and not _in_a_hash(data, at, length):
                        yield _hit(place, mark, data, at)

    def values(self, place: str, data: bytes) -> Iterator[Hit]:
        """Traces and digests, at any place in these bytes."""
        yield from self.text(place, data)
        for found in _RUN.finditer(data):
            yield from self._digest(place, data, found.start())
        for offset in range(_RAW_HEAD):
            words = memoryview(data)[offset : offset + (len(data) - offset) // _RAW_HEAD * _RAW_HEAD].cast("Q")
            for head in self._heads.intersection(words):
                at = data.find(head.to_bytes(_RAW_HEAD, "little"))
                yield from self._digest(place, data, at)

    def file(self, place: str, path: Path, *, values: bool = False) -> list[Hit]:
        """Traces in a file, whatever it is."""
        look = self.values if values else self.text
        return [hit for block in blocks(path) for hit in look(place, block)]

    def _beginning(self, data: bytes, at: int) -> Iterator[bytes]:
        for length in self._anchor_lengths:
            if (anchor := data[at : at + length]) in self._by_anchor:
                yield anchor

    def _digest(self, place: str, data: bytes, at: int) -> Iterator[Hit]:
        mark = self._digests.get(data[at : at + 16])
        if mark is not None:
            yield _hit(place, mark, data, at)


def _hit(place: str, mark: Mark, data: bytes, at: int) -> Hit:
    around = data[max(0, at - _SHOWN) : at + len(mark.written) + _SHOWN]
    return Hit(place, mark.kind, mark.encoding, mark.whose, around)


def _anchor_length(mark: Mark) -> int:
    return 2 * _ANCHOR_LENGTH if b"\0" in mark.written else _ANCHOR_LENGTH


def _in_a_hash(data: bytes, at: int, length: int) -> bool:
    """Nine digits come about by chance within the hex of a hash: a run as long as that is one."""
    if not data[at : at + length].isdigit():
        return False
    start, end = at, at + length
    while start > 0 and data[start - 1] in _HEX and at - start < _HASH_LENGTH_MIN:
        start -= 1
    while end < len(data) and data[end] in _HEX and end - at < _HASH_LENGTH_MIN:
        end += 1
    return end - start >= _HASH_LENGTH_MIN


def _any_of(texts: list[bytes]) -> bytes:
    """An expression that matches where one of the texts begins; common beginnings are tried once."""
    heads: Mapping[int, list[bytes]] = defaultdict(list)
    for one in texts:
        if not one:
            return b""
        heads[one[0]].append(one[1:])
    branches = [re.escape(bytes([head])) + _any_of(rest) for head, rest in heads.items()]
    return branches[0] if len(branches) == 1 else b"(?:" + b"|".join(branches) + b")"


def blocks(path: Path) -> Iterator[bytes]:
    """The file's bytes in blocks that overlap, holes left out (Kafka and PostgreSQL keep room that is empty)."""
    with path.open("rb", buffering=0) as file:
        for start, end in _extents(file.fileno()):
            at = start
            while at < end:
                yield os.pread(file.fileno(), min(_BLOCK + _OVERLAP, end - at), at)
                at += _BLOCK


def _extents(descriptor: int) -> Iterator[tuple[int, int]]:
    size, at = os.fstat(descriptor).st_size, 0
    while at < size:
        try:
            start = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError:  # ENXIO: nothing but a hole until the end
            return
        at = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, at
