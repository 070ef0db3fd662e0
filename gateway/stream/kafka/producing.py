"""The producer: started when first needed, thrown away after any failure, and made anew.

An idempotent producer numbers its batches. After one that failed, or whose outcome was lost, its numbers and the
broker's differ for good (aiokafka's issue 1017), so a producer that failed once is not used again. What it may still
have on the way can only repeat bytes that are published again, which readers must bear anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerClosed

from contracts.topics import Topic
from gateway.stream.kafka.connection import client_options
from gateway.stream.kafka.faults import topic_differs, topic_missing, unanswered
from gateway.stream.kafka.settings import KafkaSettings

CLOSE_TIMEOUT_S: Final = 5.0
LOOKS_FOR_A_TOPIC: Final = 5
LOOK_AGAIN_S: Final = 0.1
_log = structlog.get_logger("gateway.stream")


class Producing:
    """Holds at most one producer at a time."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._known: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        self._farewells: set[asyncio.Task[None]] = set()

    async def producer(self, topics: Iterable[Topic]) -> AIOKafkaProducer:
        """A running producer that knows these topics. Raises StreamUnavailable."""
        async with self._one_at_a_time:
            if self._producer is None:
                self._producer = await self._start()
                self._known = set()
            producer = self._producer
            try:
                for topic in topics:
                    if topic.name not in self._known:
                        await self._find(producer, topic)
                        self._known.add(topic.name)
            except (KafkaError, TimeoutError) as error:
                self.discard(producer)
                raise unanswered(self._settings, error) from error
            return producer

    def discard(self, producer: AIOKafkaProducer) -> None:
        """Never use this producer again; it is closed in the background."""
        if producer is not self._producer:
            return
        self._producer = None
        farewell = asyncio.get_running_loop().create_task(_part_from(producer))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    async def answers(self) -> bool:
        """Whether the broker answers the present producer."""
        producer = self._producer
        if producer is None:
            return False
        async with asyncio.timeout(self._settings.request_timeout_s):
            return bool(await producer.client.force_metadata_update())

    async def close(self) -> None:
        """Close the present producer and wait for the former ones."""
        async with self._one_at_a_time:
            if self._producer is not None:
                self.discard(self._producer)
        if self._farewells:
            await asyncio.wait(self._farewells)

    async def _start(self) -> AIOKafkaProducer:
        options = client_options(self._settings)
        producer = AIOKafkaProducer(
            **options, acks="all", enable_idempotence=True, max_batch_size=self._settings.batch_bytes_max
        )
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                await producer.start()
        except BaseException as error:
            await _part_from(producer)
            if isinstance(error, KafkaError | TimeoutError | OSError):
                raise unanswered(self._settings, error) from error
            raise
        return producer

    async def _find(self, producer: AIOKafkaProducer, topic: Topic) -> None:
        client = producer.client
        async with asyncio.timeout(self._settings.request_timeout_s):
            await client.add_topic(topic.name)
            found = client.cluster.partitions_for_topic(topic.name)
            for _ in range(LOOKS_FOR_A_TOPIC):
                if found is not None:
                    break
                # Brokers hear of a topic that was just made a moment later than whoever made it.
                await asyncio.sleep(LOOK_AGAIN_S)
                await client.force_metadata_update()
                found = client.cluster.partitions_for_topic(topic.name)
        if found is None:
            raise topic_missing(topic.name)
        if len(found) != topic.partitions:
            raise topic_differs(topic.name, len(found), topic.partitions)


async def _part_from(producer: AIOKafkaProducer) -> None:
    """Close a producer of which nothing is expected any more.

    Its own `stop` waits for every batch, and an idempotent producer tries each for ever. So first the connections go,
    then the task that sends, then the batches, and only then is it told to stop.
    """
    sender = producer._sender
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await producer.client.close()
            await sender.close()
    except (TimeoutError, KafkaError, KeyError) as error:
        _log.warning("stream.producer_closed_roughly", error=repr(error))
    _fail_batches(producer._message_accumulator)
    if sender.sender_task is not None and not sender.sender_task.done():
        sender.sender_task.cancel()
    await producer.stop()


def _fail_batches(accumulator: Any) -> None:
    batches = [batch for queue in accumulator._batches.values() for batch in queue]
    batches += accumulator._pending_batches
    # Each batch that was ever sent takes itself off this list when it ends, also one that waits to be sent again.
    accumulator._pending_batches.update(batches)
    accumulator.fail_all(ProducerClosed())
    for batch in batches:
        for future in (batch.future, batch._drain_waiter):
            if future.done() and not future.cancelled():
                future.exception()  # else it is logged as one that nobody looked at
