"""The stream while its broker dies and comes back: nothing is lost, and of one key nothing overtakes anything."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.topics import Topic
from gateway.stream.kafka import KafkaStream
from gateway.stream.port import Consumer, Published, StreamRecord, StreamUnavailable
from ops.local.kafka import LocalKafka
from tests.kafka_world import make, own_settings, own_topic

KEYS = [f"worker-{number}" for number in range(40)]
ROUNDS = 60
RETRY_S = 0.1
WITHIN_S = 60.0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[LocalKafka]:
    """A broker of this test alone: it is going to be killed."""
    broker = LocalKafka(tmp_path / "data")
    with broker:
        yield broker


async def test_a_broker_killed_in_mid_publish_loses_nothing_and_reorders_nothing(broker: LocalKafka) -> None:
    topic = own_topic()
    await make(broker.bootstrap_servers, [topic])
    # Shorter than the outage, so that publishing fails and its producer is replaced.
    settings = replace(own_settings(broker.bootstrap_servers), request_timeout_s=1)
    stream = KafkaStream(settings, [topic])
    reading = asyncio.create_task(_read_until_complete(stream.consumer("reader", [topic.name])))
    publishing = asyncio.create_task(_publish_all(stream, topic))
    await asyncio.sleep(0.7)
    os.kill(broker.pid, signal.SIGKILL)
    await asyncio.sleep(0.7)
    await asyncio.to_thread(broker.stop)
    await asyncio.to_thread(broker.start)
    async with asyncio.timeout(WITHIN_S):
        retries = await publishing
        first_seen = await reading
    assert retries > 0, "the broker was dead, and nobody noticed"
    assert first_seen == {key: list(range(ROUNDS)) for key in KEYS}
    assert await stream.ready()
    await stream.close()


async def _publish_all(stream: KafkaStream, topic: Topic) -> int:
    """Round after round, each until everything is stored, as the relay does it; answers how often it had to repeat."""
    retries = 0
    for version in range(ROUNDS):
        waiting = [StreamRecord(topic.name, key, b"%d" % version) for key in KEYS]
        while waiting:
            outcomes = await stream.publish(waiting)
            waiting = [r for r, o in zip(waiting, outcomes, strict=True) if not isinstance(o, Published)]
            if waiting:
                retries += 1
                await asyncio.sleep(RETRY_S)
        await asyncio.sleep(0.02)
    return retries


async def _read_until_complete(consumer: Consumer) -> dict[str, list[int]]:
    """Per key the versions in the order of first appearance; commits as it goes, and bears a dead broker."""
    seen: dict[str, list[int]] = defaultdict(list)
    while sum(map(len, seen.values())) < ROUNDS * len(KEYS):
        try:
            received = await consumer.poll(500, 500)
            for record in received:
                if int(record.body) not in seen[record.key]:
                    seen[record.key].append(int(record.body))
            await consumer.commit(received)
        except StreamUnavailable:
            await asyncio.sleep(RETRY_S)
    return seen
