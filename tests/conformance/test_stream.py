"""Every stream keeps the same promises. The embedded one does so on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator

import pytest

from contracts.topics import WORKER_CHANGED, Topic
from gateway.clock import system_clock
from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from gateway.store.stream_records import StreamRecords
from gateway.stream.embedded import TRIM_INTERVAL, EmbeddedStream
from gateway.stream.port import PublishFailed, StreamUnavailable
from tests.conformance.stream_promises import OpenStream, StreamPromises, keyed, take


@pytest.fixture
def topic() -> Topic:
    return WORKER_CHANGED


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    upgrade(database_url)
    database = Database(database_url)
    yield database
    database.close()


class SetClock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = system_clock()

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def open_stream(database: Database, clock: SetClock) -> AsyncIterator[OpenStream]:
    opened: list[EmbeddedStream] = []

    def open_one() -> EmbeddedStream:
        opened.append(EmbeddedStream(StreamRecords(database), clock))
        return opened[-1]

    yield open_one
    for stream in opened:
        await stream.close()


class TestEmbeddedStream(StreamPromises):
    """What the port promises, and what only this stream promises."""

    async def test_offsets_have_no_gaps(self, open_stream: OpenStream, topic: Topic) -> None:
        stream, other = open_stream(), open_stream()
        publishing = [s.publish(keyed(topic, "key", [b"1", b"2"])) for s in (stream, other) for _ in range(10)]
        await asyncio.gather(*publishing)
        received = await take(stream.consumer("reader", [topic.name]), 40)
        assert [record.offset for record in received] == list(range(40))

    async def test_another_processes_records_are_found_without_a_signal(
        self, open_stream: OpenStream, topic: Topic
    ) -> None:
        waiting = asyncio.create_task(open_stream().consumer("reader", [topic.name]).poll(1, 10_000))
        await asyncio.sleep(0.1)
        await open_stream().publish(keyed(topic, "key", [b"1"]))
        assert len(await asyncio.wait_for(waiting, 5)) == 1

    async def test_two_consumers_of_one_group_both_get_everything(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        await stream.publish(keyed(topic, "key", [b"1", b"2"]))
        for _ in range(2):
            assert len(await take(stream.consumer("reader", [topic.name]), 2)) == 2

    async def test_a_late_commit_does_not_undo_a_later_one(self, open_stream: OpenStream, topic: Topic) -> None:
        stream = open_stream()
        await stream.publish(keyed(topic, "key", [b"1", b"2"]))
        consumer = stream.consumer("reader", [topic.name])
        received = await take(consumer, 2)
        await consumer.commit(received)
        await consumer.commit(received[:1])
        assert await stream.consumer("reader", [topic.name]).poll(1, 20) == []

    async def test_what_is_older_than_the_retention_goes_and_the_rest_can_be_read(
        self, open_stream: OpenStream, topic: Topic, clock: SetClock
    ) -> None:
        stream = open_stream()
        await stream.publish(keyed(topic, "key", [b"old", b"older"]))
        clock.now += dt.timedelta(days=topic.retention_days, seconds=1)
        await stream.publish(keyed(topic, "key", [b"new"]))
        received = await take(stream.consumer("reader", [topic.name]), 1)
        assert [(record.body, record.offset) for record in received] == [(b"new", 2)]

    async def test_offsets_go_on_after_everything_is_trimmed(
        self, open_stream: OpenStream, topic: Topic, clock: SetClock, database: Database
    ) -> None:
        stream = open_stream()
        await stream.publish(keyed(topic, "key", [b"1", b"2"]))
        consumer = stream.consumer("reader", [topic.name])
        await consumer.commit(await take(consumer, 2))
        clock.now += dt.timedelta(days=topic.retention_days + 1)
        assert await EmbeddedStream(StreamRecords(database), clock).trim() == 2
        await stream.publish(keyed(topic, "key", [b"3"]))
        assert [record.offset for record in await take(consumer, 1)] == [2]

    async def test_nothing_is_trimmed_before_its_time(
        self, open_stream: OpenStream, topic: Topic, clock: SetClock
    ) -> None:
        stream = open_stream()
        await stream.publish(keyed(topic, "key", [b"1"]))
        clock.now += max(TRIM_INTERVAL, dt.timedelta(days=topic.retention_days, seconds=-1))
        await stream.publish(keyed(topic, "key", [b"2"]))
        assert len(await take(stream.consumer("reader", [topic.name]), 2)) == 2

    async def test_a_store_that_fails_is_an_answer_not_an_exception(
        self, open_stream: OpenStream, topic: Topic, database: Database
    ) -> None:
        stream = open_stream()
        with database.write() as connection:
            connection.exec_driver_sql("DROP TABLE stream_offsets")
        assert await stream.publish(keyed(topic, "key", [b"1"])) == [PublishFailed("unavailable")]
        assert not await stream.ready()
        with pytest.raises(StreamUnavailable):
            await stream.consumer("reader", [topic.name]).poll(1, 10)

    @pytest.mark.parametrize("group", ["", "#end"])
    def test_a_group_cannot_take_the_name_of_the_logs_own_end(
        self, open_stream: OpenStream, topic: Topic, group: str
    ) -> None:
        with pytest.raises(ValueError, match="group"):
            open_stream().consumer(group, [topic.name])
