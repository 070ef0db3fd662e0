"""The stream on a real Apache Kafka keeps the same promises as the embedded one, and some of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from subprocess import PIPE

import pytest
from aiokafka import AIOKafkaProducer

from contracts.topics import Topic
from gateway.stream.kafka import KafkaSettings, KafkaStream
from gateway.stream.partitioner import partition_of
from gateway.stream.port import Consumer, Published, PublishFailed, Received, StreamRecord, StreamUnavailable
from ops.local.ports import free_port
from tests.conformance.stream_promises import (
    TIMEOUT_MS,
    OpenStream,
    StreamPromises,
    keyed,
    one_key_per_partition,
    take,
)
from tests.kafka_world import make, own_settings, own_topic, remove

READS_AND_HANGS = """
import asyncio, sys, time
from contracts.topics import Topic
from gateway.stream.kafka import KafkaSettings, KafkaStream
settings, topic = eval(sys.argv[1]), eval(sys.argv[2])
async def read():
    received = await KafkaStream(settings, [topic]).consumer("reader", [topic.name]).poll(10, 10_000)
    print(len(received), flush=True)
    time.sleep(600)
asyncio.run(read())
"""


@pytest.fixture
async def topic(kafka_address: str) -> AsyncIterator[Topic]:
    topic = own_topic()
    await make(kafka_address, [topic])
    yield topic
    await remove(kafka_address, [topic])


@pytest.fixture
def kafka_settings(kafka_address: str) -> KafkaSettings:
    return own_settings(kafka_address)


@pytest.fixture
async def open_stream(kafka_settings: KafkaSettings, topic: Topic) -> AsyncIterator[OpenStream]:
    opened: list[KafkaStream] = []

    def open_one() -> KafkaStream:
        opened.append(KafkaStream(kafka_settings, [topic]))
        return opened[-1]

    yield open_one
    for stream in opened:
        await stream.close()


class TestKafkaStream(StreamPromises):
    """What the port promises, and what only this stream promises."""

    async def test_a_partitions_offsets_have_no_gaps(self, open_stream: OpenStream, topic: Topic) -> None:
        stream, other = open_stream(), open_stream()
        await asyncio.gather(*[s.publish(keyed(topic, "key", [b"1", b"2"])) for s in (stream, other) for _ in range(9)])
        received = await take(stream.consumer("reader", [topic.name]), 36)
        assert [record.offset for record in received] == list(range(36))

    async def test_two_members_of_a_group_share_the_partitions_and_miss_nothing(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        stream, other = open_stream(), open_stream()
        members = [stream.consumer("reader", [topic.name]), other.consumer("reader", [topic.name])]
        await asyncio.gather(*[member.poll(1, 2_000) for member in members])
        keys = one_key_per_partition(topic) * 4
        await stream.publish([StreamRecord(topic.name, key, b"1") for key in keys])
        shares = [await _read_and_commit(member) for member in members]
        assert {len({record.partition for record in share}) for share in shares} == {topic.partitions // 2}
        assert len({(one.partition, one.offset) for share in shares for one in share}) == len(keys)
        # One leaves; the other has its partitions at once, from what was committed.
        await other.close()
        await stream.publish([StreamRecord(topic.name, key, b"2") for key in keys])
        seen: set[tuple[str, bytes]] = set()
        while len(seen) < topic.partitions:
            seen |= {(record.key, record.body) for record in await members[0].poll(500, TIMEOUT_MS)}
        assert seen == {(key, b"2") for key in keys}

    async def test_a_commit_after_the_partitions_have_gone_neither_fails_nor_undoes_others(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        stream, other = open_stream(), open_stream()
        await stream.publish([StreamRecord(topic.name, key, b"1") for key in one_key_per_partition(topic)])
        slow = stream.consumer("reader", [topic.name])
        held = await take(slow, topic.partitions)
        quick = other.consumer("reader", [topic.name])
        taken: list[Received] = []
        while len(taken) < topic.partitions // 2:
            # Both have to take part in the rebalance; what the slow one gets again it leaves lying.
            polled, _ = await asyncio.gather(quick.poll(500, 1_000), slow.poll(1, 500))
            taken += polled
        await stream.publish([StreamRecord(topic.name, record.key, b"2") for record in taken])
        taken += await take(quick, len(taken))
        await quick.commit(taken)
        await slow.commit(held)
        await stream.close()
        await other.close()
        again = await take(open_stream().consumer("reader", [topic.name]), topic.partitions // 2)
        assert {record.partition for record in again}.isdisjoint({record.partition for record in taken})

    async def test_a_killed_member_that_comes_back_under_its_name_goes_on_at_once(
        self, kafka_settings: KafkaSettings, topic: Topic, open_stream: OpenStream
    ) -> None:
        await open_stream().publish(keyed(topic, "key", [b"1", b"2"]))
        named = replace(kafka_settings, instance_id="propagator-1", session_timeout_s=60)
        assert await asyncio.to_thread(_read_and_be_killed, named, topic) == b"2\n"
        stream = KafkaStream(named, [topic])
        begun = time.monotonic()
        assert [record.body for record in await take(stream.consumer("reader", [topic.name]), 2)] == [b"1", b"2"]
        assert time.monotonic() - begun < 10
        await stream.close()

    async def test_an_absent_topic_is_named_with_what_to_do(
        self, kafka_settings: KafkaSettings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        absent = own_topic()
        stream = KafkaStream(replace(kafka_settings, request_timeout_s=2), [absent])
        assert await stream.publish(keyed(absent, "key", [b"1"])) == [PublishFailed("unavailable")]
        assert f"topic {absent.name} does not exist" in (told := capsys.readouterr().out)
        assert "lgsp topics apply" in told
        assert not await stream.ready()
        with pytest.raises(StreamUnavailable, match=f"topic {absent.name} does not exist.*lgsp topics apply"):
            await stream.consumer("reader", [absent.name]).poll(1, TIMEOUT_MS)
        await stream.close()

    async def test_a_topic_that_is_made_later_is_found(self, kafka_address: str, kafka_settings: KafkaSettings) -> None:
        late = own_topic()
        stream = KafkaStream(kafka_settings, [late])
        assert await stream.publish(keyed(late, "key", [b"1"])) == [PublishFailed("unavailable")]
        await make(kafka_address, [late])
        assert [type(outcome) for outcome in await stream.publish(keyed(late, "key", [b"1"]))] == [Published]
        await stream.close()
        await remove(kafka_address, [late])

    async def test_a_topic_with_other_partitions_than_the_contract_gets_nothing(
        self, kafka_settings: KafkaSettings, topic: Topic, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stream = KafkaStream(kafka_settings, [replace(topic, partitions=6)])
        assert await stream.publish(keyed(topic, "key", [b"1"])) == [PublishFailed("unavailable")]
        assert "has 12 partitions instead of 6" in capsys.readouterr().out
        await stream.close()

    async def test_what_a_broker_finds_too_large_holds_back_its_own_key_only(
        self, kafka_address: str, kafka_settings: KafkaSettings
    ) -> None:
        narrow = own_topic()
        await make(kafka_address, [narrow], **{"max.message.bytes": "2000"})
        stream = KafkaStream(kafka_settings, [narrow])
        here = [key for n in range(99) if partition_of(key := str(uuid.UUID(int=n)), narrow.partitions) == 3]
        bodies = {here[0]: [b"1", b"x" * 3_000, b"3"], here[1]: [b"1", b"2"], here[2]: [b"y" * 1_500, b"z" * 1_500]}
        records = [StreamRecord(narrow.name, key, body) for key in bodies for body in bodies[key]]
        outcomes = await stream.publish(records)
        causes = [outcome.cause if isinstance(outcome, PublishFailed) else "" for outcome in outcomes]
        assert causes == ["", "record_too_large", "earlier_record_failed", "", "", "", ""]
        received = await take(stream.consumer("reader", [narrow.name]), 5)
        assert [(r.key, r.body) for r in received] == [(records[n].key, records[n].body) for n in (0, 3, 4, 5, 6)]
        await stream.close()
        await remove(kafka_address, [narrow])

    async def test_what_foreigners_publish_stops_nobody(
        self, kafka_address: str, open_stream: OpenStream, topic: Topic
    ) -> None:
        async with AIOKafkaProducer(bootstrap_servers=kafka_address) as foreigner:
            await foreigner.send_and_wait(topic.name, None, key=b"\xff\xfe", partition=0)
            await foreigner.send_and_wait(topic.name, b"\x00", partition=0, headers=[("h", None), ("i", b"\xff")])
        received = await take(open_stream().consumer("reader", [topic.name]), 2)
        assert [(record.key, record.body) for record in received] == [("\ufffd\ufffd", b""), ("", b"\x00")]
        assert received[1].headers == {"h": "", "i": "\ufffd"}

    async def test_no_broker_at_all_is_an_answer_not_an_exception(self, topic: Topic) -> None:
        stream = KafkaStream(KafkaSettings(f"127.0.0.1:{free_port()}", request_timeout_s=2), [topic])
        assert await stream.publish(keyed(topic, "key", [b"1"])) == [PublishFailed("unavailable")]
        assert not await stream.ready()
        with pytest.raises(StreamUnavailable):
            await stream.consumer("reader", [topic.name]).poll(1, TIMEOUT_MS)
        await stream.close()


def _read_and_be_killed(settings: KafkaSettings, topic: Topic) -> bytes:
    with subprocess.Popen([sys.executable, "-c", READS_AND_HANGS, repr(settings), repr(topic)], stdout=PIPE) as child:
        assert child.stdout is not None
        said = child.stdout.readline()
        child.kill()
    return said


async def _read_and_commit(member: Consumer) -> list[Received]:
    read: list[Received] = []
    while received := await member.poll(500, 1_000):
        read += received
        await member.commit(received)
    return read
