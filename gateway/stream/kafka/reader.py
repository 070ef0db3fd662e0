"""Reading as one member of a group, with commits by hand.

The group's name at Kafka is the prefix of the settings and the port's name. A member that loses a partition forgets
what it read of it: who has it now reads it again, from what was committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    ConsumerStoppedError,
    IllegalStateError,
    KafkaError,
    UnknownTopicOrPartitionError,
)

from gateway.stream.kafka.connection import client_options
from gateway.stream.kafka.faults import topic_missing, unanswered
from gateway.stream.kafka.settings import KafkaSettings
from gateway.stream.port import Progress, Received, StreamUnavailable

CLOSE_TIMEOUT_S: Final = 5.0
HEARTBEATS_PER_SESSION: Final = 4
FETCH_MARGIN_S: Final = 0.05
_log = structlog.get_logger("gateway.stream")


class KafkaConsumer:
    """See `gateway.stream.port.Consumer`."""

    def __init__(
        self, settings: KafkaSettings, group: str, topics: Sequence[str], forget: Callable[[KafkaConsumer], None]
    ) -> None:
        self._settings = settings
        self._group = group
        self._topics = list(topics)
        self._forget = forget
        self._joining: asyncio.Task[AIOKafkaConsumer] | None = None
        self._tenure = _Tenure()
        self._farewells: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    async def poll(self, max_records: int, timeout_ms: int) -> list[Received]:
        """See Consumer. The first poll joins the group; joining goes on in the background if its time is short."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_ms / 1_000
        if self._closing.is_set() or (consumer := await self._joined(timeout_ms / 1_000)) is None:
            return []
        remaining_ms = max(0, round((deadline - loop.time()) * 1_000))
        try:
            fetched = await self._fetch(consumer, max_records, remaining_ms)
        except KafkaError as error:
            self._joining = None
            self._tenure.forget()
            self._say_farewell(consumer)
            raise StreamUnavailable(f"group {self._group}: {error!r}") from error
        received = [_received(record) for records in fetched.values() for record in records]
        self._tenure.note(received)
        return received

    async def commit(self, received: Sequence[Received]) -> None:
        """See Consumer. What was read of a partition that others have now is not committed: they read it again."""
        consumer = self._present()
        if consumer is None:
            return
        offsets = self._tenure.to_commit(received, consumer.assignment())
        if not offsets:
            return
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                await consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            _log.info("stream.commit_came_too_late", group=self._group, error=type(error).__name__)
        except (KafkaError, TimeoutError) as error:
            raise StreamUnavailable(f"group {self._group}: {error!r}") from error

    async def progress(self) -> Mapping[tuple[str, int], Progress]:
        """See Consumer."""
        consumer = self._present()
        if consumer is None:
            return {}
        partitions = sorted(consumer.assignment())
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                ends = await consumer.end_offsets(partitions)
                found = {one: Progress(await consumer.position(one), ends[one]) for one in partitions}
        except IllegalStateError:
            return {}  # a partition went to somebody else while we asked
        except (KafkaError, TimeoutError) as error:
            raise StreamUnavailable(f"group {self._group}: {error!r}") from error
        return {(one.topic, one.partition): progress for one, progress in found.items()}

    def lag(self) -> int:
        """See Consumer."""
        consumer = self._present()
        if consumer is None:
            return 0
        ends = {partition: consumer.highwater(partition) for partition in consumer.assignment()}
        return self._tenure.unread({partition: end for partition, end in ends.items() if end is not None})

    async def close(self) -> None:
        """See Consumer. A member without a fixed name leaves the group at once, so that others need not miss it."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._forget(self)
        joining, self._joining = self._joining, None
        if joining is not None:
            joining.cancel()
            await asyncio.wait([joining])
            if not joining.cancelled() and joining.exception() is None:
                self._say_farewell(joining.result())
        if self._farewells:
            await asyncio.wait(self._farewells)

    async def _joined(self, timeout_s: float) -> AIOKafkaConsumer | None:
        """The member, once it has partitions; None if that takes longer, or this reader closes meanwhile."""
        if self._joining is None:
            self._joining = asyncio.get_running_loop().create_task(self._join())
        joining = self._joining
        if not joining.done():
            await self._unless_closed(joining, timeout_s)
        if self._closing.is_set() or not joining.done():
            return None
        if joining.exception() is not None:
            self._joining = None
        return joining.result()

    async def _join(self) -> AIOKafkaConsumer:
        settings = self._settings
        session_ms = round(settings.session_timeout_s * 1_000)
        consumer = AIOKafkaConsumer(
            **client_options(settings),
            group_id=settings.group_prefix + self._group,
            group_instance_id=f"{settings.instance_id}.{self._group}" if settings.instance_id else None,
            enable_auto_commit=False,
            fetch_max_wait_ms=round(settings.fetch_wait_s * 1_000),
            auto_offset_reset="earliest",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // HEARTBEATS_PER_SESSION,
            max_poll_interval_ms=round(settings.poll_interval_s_max * 1_000),
        )
        consumer.subscribe(self._topics, listener=_Listener(self._tenure))
        try:
            await consumer.start()
        except BaseException as error:
            await _part_from(consumer)
            if isinstance(error, UnknownTopicOrPartitionError):
                raise topic_missing(", ".join(self._topics)) from error
            if isinstance(error, KafkaError | OSError):
                raise unanswered(settings, error) from error
            raise
        return consumer

    async def _fetch(self, consumer: AIOKafkaConsumer, max_records: int, timeout_ms: int) -> dict[Any, list[Any]]:
        """Whatever comes first: records, the time, or the end of this reader."""
        fetching = asyncio.get_running_loop().create_task(
            consumer.getmany(timeout_ms=timeout_ms, max_records=max_records)
        )
        # In a rebalance it would wait longer than it was told.
        await self._unless_closed(fetching, timeout_ms / 1_000 + FETCH_MARGIN_S)
        if not fetching.done():
            fetching.cancel()
            await asyncio.wait([fetching])
        try:
            return {} if fetching.cancelled() else fetching.result()
        except ConsumerStoppedError:
            return {}

    async def _unless_closed(self, task: asyncio.Task[Any], timeout_s: float) -> None:
        closing = asyncio.get_running_loop().create_task(self._closing.wait())
        try:
            await asyncio.wait([task, closing], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()

    def _present(self) -> AIOKafkaConsumer | None:
        joining = self._joining
        if joining is None or not joining.done() or joining.cancelled() or joining.exception() is not None:
            return None
        return joining.result()

    def _say_farewell(self, consumer: AIOKafkaConsumer) -> None:
        farewell = asyncio.get_running_loop().create_task(_part_from(consumer))
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)


class _Tenure:
    """From which offset on, and up to which, each partition was read since it was assigned to us."""

    def __init__(self) -> None:
        self._first: dict[TopicPartition, int] = {}
        self._next: dict[TopicPartition, int] = {}

    def note(self, received: Iterable[Received]) -> None:
        for record in received:
            partition = TopicPartition(record.topic, record.partition)
            self._first.setdefault(partition, record.offset)
            self._next[partition] = record.offset + 1

    def unread(self, ends: Mapping[TopicPartition, int]) -> int:
        """Records before these ends that were not read; of a partition of which nothing came yet nothing is known."""
        return sum(max(0, end - self._next.get(partition, end)) for partition, end in ends.items())

    def forget(self, partitions: Iterable[TopicPartition] | None = None) -> None:
        for partition in list(self._first if partitions is None else partitions):
            self._first.pop(partition, None)
            self._next.pop(partition, None)

    def to_commit(self, received: Iterable[Received], assigned: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset behind the last record of each partition that was read in this tenure.

        A batch from before a partition was lost and won back says nothing: others may have committed far beyond it.
        """
        held = set(assigned)
        behind: dict[TopicPartition, int] = {}
        for record in received:
            partition = TopicPartition(record.topic, record.partition)
            if partition in held and record.offset >= self._first.get(partition, record.offset + 1):
                behind[partition] = max(behind.get(partition, 0), record.offset + 1)
        return behind


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """Partitions that go or come are read anew, from what is committed."""

    def __init__(self, tenure: _Tenure) -> None:
        self._tenure = tenure

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._tenure.forget(revoked)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._tenure.forget(assigned)


def _received(record: Any) -> Received:
    # Foreign publishers may leave out key or value, or write what is no UTF-8: a reader must get past that.
    return Received(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=(record.key or b"").decode(errors="replace"),
        body=record.value or b"",
        headers={name: (value or b"").decode(errors="replace") for name, value in record.headers},
    )


async def _part_from(consumer: AIOKafkaConsumer) -> None:
    """Leave the group and give the connections back, whether or not Kafka answers."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await consumer.stop()
    except (TimeoutError, KafkaError) as error:
        _log.warning("stream.consumer_closed_roughly", error=repr(error))
        await consumer._client.close()
