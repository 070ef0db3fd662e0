"""The stream on the store's own tables: nothing to install, and the same promises as Kafka.

The tables come in as `RecordTables`, because stream and store do not know each other; the wiring passes
`gateway.store.stream_records.StreamRecords`. Readers in this process are woken by a signal; others look every 5 to
250 ms.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from sqlalchemy.exc import SQLAlchemyError

from contracts.topics import TOPICS, Topic
from gateway.clock import Clock, instant
from gateway.stream.embedded_reader import EmbeddedConsumer, ReadTables
from gateway.stream.partitioner import partition_of
from gateway.stream.port import Outcome, Published, PublishFailed, StreamRecord, UnknownTopic
from gateway.stream.refusals import refused

TRIM_INTERVAL: Final = dt.timedelta(minutes=10)
TRIM_ROWS_MAX: Final = 5_000
TRIM_ROUNDS_MAX: Final = 20


class RecordTables(ReadTables, Protocol):
    """What the embedded stream needs of the store."""

    def declare(self, topic: str, partitions: int) -> None:
        """Make a topic's partitions; what exists stays."""
        ...

    def append(self, topic: str, records: Sequence[tuple[int, str, bytes, str]], stored_at: str) -> list[int]:
        """Store (partition, key, body, headers as JSON) in one transaction; answers the offsets."""
        ...

    def trim(self, topic: str, before: str, rows_max: int) -> int:
        """Delete the oldest records stored before an instant; answers how many."""
        ...


class EmbeddedStream:
    """See `gateway.stream.port.Stream`. Two consumers of one group both get everything."""

    def __init__(self, tables: RecordTables, clock: Clock, topics: Iterable[Topic] = TOPICS) -> None:
        """Nothing is opened or made before the first call."""
        self._tables = tables
        self._clock = clock
        self._topics = {topic.name: topic for topic in topics}
        self._declared: set[str] = set()
        self._consumers: list[EmbeddedConsumer] = []
        self._trim_at = clock() + TRIM_INTERVAL

    async def publish(self, records: Sequence[StreamRecord]) -> list[Outcome]:
        """See Stream."""
        topics = {record.topic: self._topic(record.topic) for record in records}
        outcomes: dict[int, Outcome] = refused(records)
        for name, topic in topics.items():
            numbers = [n for n, record in enumerate(records) if record.topic == name and n not in outcomes]
            if numbers:
                answers = await self._append(topic, [records[n] for n in numbers])
                outcomes.update(zip(numbers, answers, strict=True))
        for consumer in self._consumers:
            consumer.wake()
        await self._trim_if_due()
        return [outcomes[n] for n in range(len(records))]

    def consumer(self, group: str, topics: Sequence[str]) -> EmbeddedConsumer:
        """See Stream."""
        if not group or group.startswith("#"):
            raise ValueError("a group's name is not empty and does not begin with #")
        names = [self._topic(topic).name for topic in topics]
        consumer = EmbeddedConsumer(self._tables, group, names, self._consumers.remove)
        self._consumers.append(consumer)
        return consumer

    async def ready(self) -> bool:
        """See Stream."""
        try:
            await asyncio.to_thread(self._tables.ends, list(self._topics))
        except SQLAlchemyError:
            return False
        return True

    async def close(self) -> None:
        """See Stream. The database is its owner's to close."""
        for consumer in list(self._consumers):
            await consumer.close()

    async def trim(self) -> int:
        """Delete what is older than its topic's retention, in bounded steps; answers how many records."""
        return sum([await asyncio.to_thread(self._trim_topic, topic) for topic in self._topics.values()])

    def _topic(self, name: str) -> Topic:
        if name not in self._topics:
            raise UnknownTopic(name)
        return self._topics[name]

    async def _append(self, topic: Topic, records: Sequence[StreamRecord]) -> list[Outcome]:
        try:
            return await asyncio.to_thread(self._append_now, topic, records)
        except SQLAlchemyError:
            return [PublishFailed("unavailable")] * len(records)

    def _append_now(self, topic: Topic, records: Sequence[StreamRecord]) -> list[Outcome]:
        if topic.name not in self._declared:
            self._tables.declare(topic.name, topic.partitions)
            self._declared.add(topic.name)
        rows = [
            (partition_of(record.key, topic.partitions), record.key, record.body, json.dumps(dict(record.headers)))
            for record in records
        ]
        offsets = self._tables.append(topic.name, rows, instant(self._clock()))
        return [Published(row[0], offset) for row, offset in zip(rows, offsets, strict=True)]

    async def _trim_if_due(self) -> None:
        if self._clock() < self._trim_at:
            return
        self._trim_at = self._clock() + TRIM_INTERVAL
        try:
            await self.trim()
        except SQLAlchemyError:
            # What was published is published; old records wait for the next time.
            return

    def _trim_topic(self, topic: Topic) -> int:
        before = instant(self._clock() - dt.timedelta(days=topic.retention_days))
        trimmed = 0
        for _ in range(TRIM_ROUNDS_MAX):
            count = self._tables.trim(topic.name, before, TRIM_ROWS_MAX)
            trimmed += count
            if count < TRIM_ROWS_MAX:
                break
        return trimmed
