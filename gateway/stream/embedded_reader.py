"""Reading the embedded stream: each poll takes a fair share from every partition that has something."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from gateway.stream.port import Progress, Received, StreamUnavailable
from gateway.stream.wakeup import Pause, WakeUp

PartitionKey: TypeAlias = tuple[str, int]
Span: TypeAlias = tuple[str, int, int, int]
_T = TypeVar("_T")


class ReadTables(Protocol):
    """What a reader needs of the store."""

    def ends(self, topics: Sequence[str]) -> dict[PartitionKey, int]:
        """The offset that the next record of each partition will get."""
        ...

    def committed(self, group: str, topics: Sequence[str]) -> dict[PartitionKey, int]:
        """The first offset not committed, where the group committed at all."""
        ...

    def commit(self, group: str, next_offsets: Mapping[PartitionKey, int]) -> None:
        """Raise the group's offsets."""
        ...

    def read(self, spans: Sequence[Span]) -> Sequence[tuple[str, int, int, str, bytes, str]]:
        """The records of these spans that still exist, ordered by topic, partition and offset."""
        ...

    def earliest(self, topic: str, partition: int, offset: int) -> int | None:
        """The first offset that still exists at or behind `offset`."""
        ...


class EmbeddedConsumer:
    """See `gateway.stream.port.Consumer`."""

    def __init__(
        self, tables: ReadTables, group: str, topics: Sequence[str], forget: Callable[[EmbeddedConsumer], None]
    ) -> None:
        self._tables = tables
        self._group = group
        self._topics = list(topics)
        self._forget = forget
        self._next: dict[PartitionKey, int] | None = None
        self._lag = 0
        self._turn = 0
        self._wake_up = WakeUp()
        self._pause = Pause()
        self._closed = False

    def wake(self) -> None:
        """Something was published; from any thread."""
        self._wake_up.notify()

    async def poll(self, max_records: int, timeout_ms: int) -> list[Received]:
        """See Consumer."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_ms / 1000
        while not self._closed:
            if received := await self._ask(self._fetch, max_records):
                self._pause.reset()
                return received
            if (remaining_s := deadline - loop.time()) <= 0:
                break
            if await self._wake_up.wait(min(self._pause.next_s(), remaining_s)):
                self._pause.reset()
        return []

    async def commit(self, received: Sequence[Received]) -> None:
        """See Consumer."""
        next_offsets: dict[PartitionKey, int] = {}
        for record in received:
            partition = (record.topic, record.partition)
            next_offsets[partition] = max(next_offsets.get(partition, 0), record.offset + 1)
        if next_offsets:
            await self._ask(self._tables.commit, self._group, next_offsets)

    async def progress(self) -> Mapping[PartitionKey, Progress]:
        """See Consumer."""
        if self._next is None:
            return {}
        ends = await self._ask(self._tables.ends, self._topics)
        return {key: Progress(self._next.get(key, 0), end) for key, end in ends.items()}

    def lag(self) -> int:
        """See Consumer."""
        return self._lag

    async def close(self) -> None:
        """See Consumer."""
        if not self._closed:
            self._closed = True
            self._forget(self)
            self._wake_up.notify()

    async def _ask(self, call: Callable[..., _T], *arguments: object) -> _T:
        try:
            return await asyncio.to_thread(call, *arguments)
        except SQLAlchemyError as error:
            raise StreamUnavailable(str(error)) from error

    def _fetch(self, max_records: int) -> list[Received]:
        ends = self._tables.ends(self._topics)
        if self._next is None:
            self._next = self._tables.committed(self._group, self._topics)
        spans = self._spans(ends, self._next, max_records)
        rows = self._tables.read(spans)
        self._move_on(spans, rows)
        self._lag = sum(max(0, end - self._next.get(key, 0)) for key, end in ends.items())
        return [
            Received(topic, partition, offset, key, bytes(body), json.loads(headers))
            for topic, partition, offset, key, body, headers in rows
        ]

    def _spans(self, ends: Mapping[PartitionKey, int], begun: Mapping[PartitionKey, int], limit: int) -> list[Span]:
        waiting = {key: end - begun.get(key, 0) for key, end in sorted(ends.items()) if end > begun.get(key, 0)}
        shares = share_out(waiting, limit, self._turn)
        # The next poll begins with the next partition, or a small limit would starve the last ones.
        self._turn += 1
        return [(*key, begun.get(key, 0), begun.get(key, 0) + count) for key, count in shares.items()]

    def _move_on(self, spans: Sequence[Span], rows: Sequence[tuple[str, int, int, str, bytes, str]]) -> None:
        assert self._next is not None
        last_seen = {(topic, partition): offset for topic, partition, offset, _, _, _ in rows}
        for topic, partition, first, last in spans:
            key = (topic, partition)
            if key in last_seen:
                self._next[key] = last_seen[key] + 1
            else:
                # Trimmed away: go on where something is kept, or behind this span if nothing is.
                earliest = self._tables.earliest(topic, partition, first)
                self._next[key] = last if earliest is None else earliest


def share_out(waiting: Mapping[PartitionKey, int], limit: int, turn: int) -> dict[PartitionKey, int]:
    """How many records to take from each partition: equal shares first, then what is left, `limit` in all."""
    order = list(waiting)
    if not order:
        return {}
    start = turn % len(order)
    order = order[start:] + order[:start]
    share = max(1, limit // len(order))
    shares: dict[PartitionKey, int] = {}
    for key in order:
        shares[key] = min(waiting[key], share, limit)
        limit -= shares[key]
    for key in order:
        more = min(waiting[key] - shares[key], limit)
        shares[key] += more
        limit -= more
    return {key: count for key, count in shares.items() if count}
