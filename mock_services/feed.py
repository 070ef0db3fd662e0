"""A system's change feed, and what it holds: both in memory, values as JSON bytes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import islice
from typing import Any, NamedTuple

import orjson

from mock_services.instants import now_ms


class Row(NamedTuple):
    """One change: what was held after it, and a second value of the system's own (or None)."""

    change_id: int
    at_ms: int
    kind: str
    number: str
    held: bytes | None
    extra: bytes | None


class Feed:
    """Rows in the order of the changes. Ids rise strictly, also over a reset or a new start of the program."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._times: list[int] = []
        self._first = now_ms() * 1000

    def __len__(self) -> int:
        return len(self._rows)

    def append(self, kind: str, number: str, held: bytes | None, extra: bytes | None = None) -> int:
        """Tell a change; gives its id."""
        at_ms = max(now_ms(), self._times[-1] if self._times else 0)
        row = Row(self._first + len(self._rows), at_ms, kind, number, held, extra)
        self._rows.append(row)
        self._times.append(at_ms)
        return row.change_id

    def after(self, change_id: int) -> int:
        """The place of the first row after an id."""
        return min(max(change_id - self._first + 1, 0), len(self._rows))

    def between(self, from_ms: int, to_ms: int) -> tuple[int, int]:
        """Places of the rows with from_ms <= at_ms < to_ms."""
        return bisect_left(self._times, from_ms), bisect_left(self._times, to_ms)

    def until(self, at_ms: int) -> int:
        """The place behind the rows up to an instant."""
        return bisect_right(self._times, at_ms)

    def rows(self, start: int, stop: int) -> list[Row]:
        """Rows by place."""
        return self._rows[start:stop]

    def clear(self) -> None:
        """Forget all rows; ids go on."""
        self._first += len(self._rows)
        self._rows.clear()
        self._times.clear()


class Holdings:
    """What a system holds of each person, as it was last written."""

    def __init__(self) -> None:
        self.feed = Feed()
        self._held: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._held)

    def get(self, number: str) -> bytes | None:
        """The JSON text held, or None."""
        return self._held.get(number)

    def read(self, number: str) -> dict[str, Any] | None:
        """What is held, or None."""
        held = self._held.get(number)
        return None if held is None else orjson.loads(held)

    def write(self, number: str, value: dict[str, Any], kind: str, extra: bytes | None = None) -> int:
        """Replace what is held and tell it in the feed; gives the change's id."""
        # orjson's result lies in a buffer of several times its length: 100,000 of them were 400 MB; a copy is exact.
        held = bytes(memoryview(orjson.dumps(value)))
        self._held[number] = held
        return self.feed.append(kind, number, held, extra)

    def page(self, after: int, limit: int) -> tuple[list[tuple[str, bytes]], int | None]:
        """People from a place on, and the place to go on from (None at the end)."""
        found = list(islice(self._held.items(), after, after + limit))
        following = after + len(found)
        return found, following if following < len(self._held) else None

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()
        self.feed.clear()
