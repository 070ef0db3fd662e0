"""The promises of `gateway.stream.port`, as tests that every stream must pass.

A test class for one stream inherits from `StreamPromises` and gives the fixtures `open_stream` and `topic`.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence

import pytest

from contracts.topics import Topic
from gateway.stream.partitioner import partition_of
from gateway.stream.port import (
    RECORD_BYTES_MAX,
    Consumer,
    Published,
    PublishFailed,
    Received,
    Stream,
    StreamRecord,
    UnknownTopic,
)

OpenStream = Callable[[], Stream]
TIMEOUT_MS = 10_000


def keyed(topic: Topic, key: str, bodies: Sequence[bytes]) -> list[StreamRecord]:
    """Records of one key."""
    return [StreamRecord(topic.name, key, body) for body in bodies]


def one_key_per_partition(topic: Topic) -> list[str]:
    """A key for each partition, in the order of the partitions."""
    keys: dict[int, str] = {}
    number = 0
    while len(keys) < topic.partitions:
        key = str(uuid.UUID(int=number))
        keys.setdefault(partition_of(key, topic.partitions), key)
        number += 1
    return [keys[partition] for partition in range(topic.partitions)]


async def take(consumer: Consumer, count: int, max_records: int = 500) -> list[Received]:
    """Poll until `count` records are there."""
    received: list[Received] = []
    while len(received) < count:
        records = await consumer.poll(max_records, TIMEOUT_MS)
        assert records, f"only {len(received)} of {count} came in time"
        received += records
    return received


class StreamPromises:
    """See the module."""

    async def test_a_record_comes_back_byte_for_byte(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        headers = {"content-type": "application/json", "replayid": "Mường Tè"}
        bodies = [b"", bytes(range(256)), "Lý Thị Đào".encode(), b"x" * RECORD_BYTES_MAX]
        await stream.publish([StreamRecord(topic.name, "key", body, headers) for body in bodies])
        received = await take(stream.consumer("reader", [topic.name]), len(bodies))
        assert [record.body for record in received] == bodies
        assert {record.key for record in received} == {"key"}
        assert all(dict(record.headers) == headers for record in received)

    async def test_a_record_is_read_where_publishing_said_it_is(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        keys = one_key_per_partition(topic) * 3
        outcomes = await stream.publish([StreamRecord(topic.name, key, key.encode()) for key in keys])
        received = await take(stream.consumer("reader", [topic.name]), len(keys))
        said = {(o.partition, o.offset): key for o, key in zip(outcomes, keys, strict=True) if isinstance(o, Published)}
        assert len(said) == len(keys)
        assert {(record.partition, record.offset): record.key for record in received} == said

    async def test_a_key_stays_on_the_partition_that_the_contract_names(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        stream = open_stream()
        await stream.publish([record for n in range(200) for record in keyed(topic, str(uuid.UUID(int=n)), [b"1"])])
        for record in await take(stream.consumer("reader", [topic.name]), 200):
            assert record.topic == topic.name
            assert record.partition == partition_of(record.key, topic.partitions)

    async def test_one_keys_records_come_in_the_order_of_publishing(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        stream = open_stream()
        keys = [str(uuid.UUID(int=number)) for number in range(20)]
        for version in range(10):
            await stream.publish([StreamRecord(topic.name, key, b"%d" % version) for key in keys])
        seen = defaultdict(list)
        for record in await take(stream.consumer("reader", [topic.name]), 200, max_records=7):
            seen[record.key].append(int(record.body))
        assert seen == {key: list(range(10)) for key in keys}

    async def test_publishers_at_the_same_time_lose_nothing_and_keep_each_ones_order(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        stream = open_stream()
        keys = [str(uuid.UUID(int=number)) for number in range(6)]

        async def publish(key: str) -> None:
            for version in range(0, 30, 3):
                await stream.publish(keyed(topic, key, [b"%d" % number for number in range(version, version + 3)]))

        await asyncio.gather(*[publish(key) for key in keys])
        seen = defaultdict(list)
        for record in await take(stream.consumer("reader", [topic.name]), 180):
            seen[record.key].append(int(record.body))
        assert seen == {key: list(range(30)) for key in keys}

    async def test_a_new_group_starts_at_the_earliest_record(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        await stream.publish(keyed(topic, "key", [b"1", b"2"]))
        first = stream.consumer("first", [topic.name])
        await first.commit(await take(first, 2))
        received = await take(stream.consumer("second", [topic.name]), 2)
        assert [record.body for record in received] == [b"1", b"2"]

    async def test_what_was_committed_does_not_come_again_and_the_rest_does(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        stream = open_stream()
        await stream.publish(keyed(topic, "key", [b"1", b"2", b"3"]))
        consumer = stream.consumer("reader", [topic.name])
        received = await take(consumer, 3)
        await consumer.commit(received[:2])
        await stream.close()
        again = await take(open_stream().consumer("reader", [topic.name]), 1)
        assert [record.body for record in again] == [b"3"]

    async def test_polling_moves_on_without_committing(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        await stream.publish(keyed(topic, "key", [b"1", b"2"]))
        consumer = stream.consumer("reader", [topic.name])
        assert [record.body for record in await consumer.poll(1, TIMEOUT_MS)] == [b"1"]
        assert [record.body for record in await consumer.poll(1, TIMEOUT_MS)] == [b"2"]
        await consumer.close()
        assert len(await take(stream.consumer("reader", [topic.name]), 2)) == 2

    async def test_committing_one_partition_leaves_the_others(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        keys = one_key_per_partition(topic)
        await stream.publish([StreamRecord(topic.name, key, b"1") for key in keys])
        consumer = stream.consumer("reader", [topic.name])
        received = await take(consumer, len(keys))
        await consumer.commit([record for record in received if record.partition == 5])
        await consumer.close()
        again = await take(stream.consumer("reader", [topic.name]), len(keys) - 1)
        assert {record.partition for record in again} == set(range(topic.partitions)) - {5}

    async def test_a_record_too_large_holds_back_its_own_key_only(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        records = [
            *keyed(topic, "ill", [b"1", b"x" * (RECORD_BYTES_MAX + 1), b"3"]),
            *keyed(topic, "well", [b"1", b"2"]),
        ]
        outcomes = await stream.publish(records)
        assert [o.cause for o in outcomes if isinstance(o, PublishFailed)] == [
            "record_too_large",
            "earlier_record_failed",
        ]
        received = await take(stream.consumer("reader", [topic.name]), 3)
        assert sorted((record.key, record.body) for record in received) == [
            ("ill", b"1"),
            ("well", b"1"),
            ("well", b"2"),
        ]

    async def test_a_poll_takes_no_more_than_it_may_and_no_partition_starves(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        stream = open_stream()
        keys = one_key_per_partition(topic)
        await stream.publish([StreamRecord(topic.name, key, b"1") for key in keys for _ in range(3)])
        consumer = stream.consumer("reader", [topic.name])
        received: list[Received] = []
        while len(received) < 3 * len(keys):
            records = await consumer.poll(5, TIMEOUT_MS)
            assert 0 < len(records) <= 5
            received += records
        assert {record.partition for record in received} == set(range(topic.partitions))

    async def test_a_poll_with_nothing_to_read_ends_in_time_and_empty(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        stream = open_stream()
        consumer = stream.consumer("reader", [topic.name])
        await consumer.poll(1, 1_000)  # the first one may have to join the group
        begun = time.monotonic()
        assert await consumer.poll(10, 50) == []
        assert time.monotonic() - begun < 2

    async def test_a_waiting_poll_is_woken_by_what_is_published(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        consumer = stream.consumer("reader", [topic.name])
        waiting = asyncio.create_task(consumer.poll(10, TIMEOUT_MS))
        await asyncio.sleep(0.5)
        await stream.publish(keyed(topic, "key", [b"1"]))
        begun = time.monotonic()
        assert [record.body for record in await waiting] == [b"1"]
        assert time.monotonic() - begun < 2

    async def test_publishing_nothing_is_harmless(self, open_stream: OpenStream) -> None:
        assert await open_stream().publish([]) == []

    async def test_an_unknown_topic_is_refused_before_anything_is_stored(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        stream = open_stream()
        with pytest.raises(UnknownTopic):
            await stream.publish([*keyed(topic, "key", [b"1"]), StreamRecord("no.such.topic", "key", b"")])
        with pytest.raises(UnknownTopic):
            stream.consumer("reader", ["no.such.topic"])
        assert await stream.consumer("reader", [topic.name]).poll(1, 300) == []

    async def test_it_says_that_it_is_ready(self, open_stream: OpenStream) -> None:
        assert await open_stream().ready()

    async def test_closing_ends_a_waiting_poll(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        waiting = asyncio.create_task(stream.consumer("reader", [topic.name]).poll(10, 60_000))
        await asyncio.sleep(0.2)
        await stream.close()
        assert await asyncio.wait_for(waiting, 10) == []
