"""What was published last, who reads it, and whether what is published now would break them.

`contracts/published/released/` holds the schemas and the AsyncAPI document of the last release; `readers.csv` says for
each who reads it (or sends it) and where it looks.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import orjson

from contracts.compatibility import Break, Direction, breaks

PUBLISHED: Final = Path(__file__).parent / "published"
RELEASED: Final = PUBLISHED / "released"
STREAM: Final = "asyncapi.json"
STREAM_READERS: Final = "mọi bên đọc và ghi / every reader and the relay"


@dataclass(frozen=True, slots=True)
class Reader:
    """`reads`: JSON pointers of what it looks at; `/` is everything."""

    document: str
    direction: Direction
    name: str
    reads: tuple[str, ...]

    def minds(self, found: Break) -> bool:
        """Whether the break is at, below or above something that is read."""
        return any(place == "/" or _touches(found.path, place) for place in self.reads)


def readers() -> list[Reader]:
    """The rows of `readers.csv`."""
    text = (PUBLISHED / "readers.csv").read_text("utf-8")
    return [
        Reader(row["document"], cast(Direction, row["direction"]), row["reader"], tuple(row["reads"].split()))
        for row in csv.DictReader(text.splitlines())
    ]


def released() -> dict[str, dict[str, Any]]:
    """File name → document of the last release."""
    return {path.name: orjson.loads(path.read_bytes()) for path in sorted(RELEASED.glob("*.json"))}


def complaints(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """One sentence per reader and breaking change; empty when nobody is broken."""
    found = list(_stream_complaints(old.get(STREAM), new.get(STREAM)))
    for reader in readers():
        if reader.document not in old:
            continue
        if reader.document not in new:
            found.append(f"{reader.document} is gone; this breaks: {reader.name}")
            continue
        changes = breaks(old[reader.document], new[reader.document], reader.direction)
        minded = [one for one in changes if reader.minds(one)]
        found += [f"{reader.document} {one.path}: {one.what}; this breaks: {reader.name}" for one in minded]
    return found


def _stream_complaints(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[str]:
    """Topics are part of what is published: their names, and how keys are placed on their partitions."""
    if old is None or new is None:
        return
    for name, channel in old["channels"].items():
        there = new["channels"].get(name)
        if there is None or there["address"] != channel["address"]:
            yield f"topic {channel['address']} is gone; this breaks: {STREAM_READERS}"
            continue
        before, after = channel["bindings"]["kafka"], there["bindings"]["kafka"]
        if before["partitions"] != after["partitions"]:
            counts = f"{before['partitions']} to {after['partitions']}"
            yield f"topic {channel['address']}: partitions from {counts}; this breaks: {STREAM_READERS}"


def _touches(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/") or place.startswith(f"{path.rstrip('/')}/")
