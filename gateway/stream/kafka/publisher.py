"""Publishing: one lane per partition, in each lane one batch after the other, all lanes at the same time.

A batch follows when the one before it is acknowledged, so that of one key nothing overtakes what failed. Where batches
fail, the producer is replaced, and lanes of which only one record is at fault go on without it in another round.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import BrokerResponseError, KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from contracts.topics import Topic
from gateway.stream.kafka.producing import Producing
from gateway.stream.kafka.settings import KafkaSettings
from gateway.stream.partitioner import partition_of
from gateway.stream.port import FailureCause, Outcome, Published, PublishFailed, StreamRecord, StreamUnavailable
from gateway.stream.refusals import refused

_log = structlog.get_logger("gateway.stream")
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class OffsetLost(Exception):
    """The broker has the batch already, from an attempt whose answer was lost, and no longer knows its offset."""


@dataclass(slots=True)
class _Lane:
    """What one partition is still to get, as numbers of records."""

    topic: str
    partition: int
    waiting: deque[int] = field(default_factory=deque)
    one_by_one: bool = False
    failed_keys: set[str] = field(default_factory=set)


class Publisher:
    """See `gateway.stream.port.Stream.publish`."""

    def __init__(self, settings: KafkaSettings, producing: Producing) -> None:
        self._settings = settings
        self._producing = producing

    async def publish(self, records: Sequence[StreamRecord], topics: Mapping[str, Topic]) -> list[Outcome]:
        """One outcome per record, in order. `topics` holds every topic of the records."""
        work = _Work(records, refused(records), self._settings.request_timeout_s)
        lanes = work.lanes(topics)
        while lanes:
            try:
                producer = await self._producing.producer(topics.values())
            except StreamUnavailable as error:
                _log.warning("stream.unavailable", cause=str(error))
                work.give_up(lanes)
                break
            clean = await asyncio.gather(*[work.send(producer, lane) for lane in lanes])
            if not all(clean):
                self._producing.discard(producer)
            lanes = [lane for lane in lanes if lane.waiting]
        return [work.outcomes[number] for number in range(len(records))]


class _Work:
    """The records of one call and what became of them."""

    def __init__(self, records: Sequence[StreamRecord], outcomes: dict[int, Outcome], timeout_s: float) -> None:
        self.records = records
        self.outcomes = outcomes
        self._timeout_s = timeout_s

    def lanes(self, topics: Mapping[str, Topic]) -> list[_Lane]:
        """A lane per partition that is concerned."""
        lanes: dict[tuple[str, int], _Lane] = {}
        for number, record in enumerate(self.records):
            if number not in self.outcomes:
                partition = partition_of(record.key, topics[record.topic].partitions)
                place = (record.topic, partition)
                lanes.setdefault(place, _Lane(*place)).waiting.append(number)
        return list(lanes.values())

    def give_up(self, lanes: Sequence[_Lane]) -> None:
        """Nothing more can be published now."""
        for lane in lanes:
            while lane.waiting:
                self.outcomes[lane.waiting.popleft()] = PublishFailed("unavailable")

    async def send(self, producer: AIOKafkaProducer, lane: _Lane) -> bool:
        """Send batch after batch; says whether the producer may be used again.

        After False the lane may have records waiting: they are worth another producer.
        """
        while lane.waiting:
            batch, numbers = self._fill(producer, lane)
            if not numbers:
                continue
            try:
                async with asyncio.timeout(self._timeout_s):
                    stored = await (await producer.send_batch(batch, lane.topic, partition=lane.partition))
                if stored.offset < 0:
                    raise OffsetLost
            except (KafkaError, TimeoutError, OffsetLost) as error:
                self._note(lane, numbers, error)
                return False
            for place, number in enumerate(numbers):
                self.outcomes[number] = Published(lane.partition, stored.offset + place)
        return True

    def _fill(self, producer: AIOKafkaProducer, lane: _Lane) -> tuple[Any, list[int]]:
        """As many of the lane's next records as fit one batch, without those that follow a failed one."""
        batch = producer.create_batch()
        numbers: list[int] = []
        said, headers = None, list[tuple[str, bytes]]()
        while lane.waiting and not (lane.one_by_one and numbers):
            record = self.records[lane.waiting[0]]
            if record.key in lane.failed_keys:
                self.outcomes[lane.waiting.popleft()] = PublishFailed("earlier_record_failed")
                continue
            if record.headers is not said:
                # Those of one call mostly share one mapping.
                said, headers = record.headers, [(name, value.encode()) for name, value in record.headers.items()]
            if batch.append(timestamp=None, key=record.key.encode(), value=record.body, headers=headers) is None:
                break
            numbers.append(lane.waiting.popleft())
        batch.close()
        return batch, numbers

    def _note(self, lane: _Lane, numbers: Sequence[int], error: Exception) -> None:
        """A batch failed: blame its one record, look for the culprit among several, or give the lane up for now."""
        cause = _blame(error)
        if cause is None:
            _log.warning("stream.batch_failed", topic=lane.topic, partition=lane.partition, error=repr(error))
            lane.waiting.extendleft(reversed(numbers))
            self.give_up([lane])
        elif len(numbers) > 1:
            lane.one_by_one = True
            lane.waiting.extendleft(reversed(numbers))
        else:
            (number,) = numbers
            record = self.records[number]
            _log.error("stream.record_refused", topic=lane.topic, key=record.key, cause=cause, error=repr(error))
            self.outcomes[number] = PublishFailed(cause)
            lane.failed_keys.add(record.key)


def _blame(error: Exception) -> FailureCause | None:
    """The cause if the records are at fault, None if Kafka is."""
    if isinstance(error, _TOO_LARGE):
        return "record_too_large"
    # 87, INVALID_RECORD: the broker or its validator looked into the batch.
    return "refused" if isinstance(error, BrokerResponseError) and error.errno == 87 else None
