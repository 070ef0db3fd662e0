"""What others find on Kafka: every record but its sealed identity, with nothing of ours but what is published."""

from __future__ import annotations

import asyncio
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import jsonschema
import orjson
import pytest
from confluent_kafka import Consumer, Message, Producer, TopicPartition

from contracts.publish import documents
from contracts.topics import WORKER_CHANGED
from contracts.worker import split_identity
from gateway.clock import system_clock
from gateway.relay.publisher import Relay
from gateway.stream.kafka import KafkaSettings, KafkaStream, topics
from gateway.stream.partitioner import partition_of
from ops.local.debian import program
from ops.local.kafka import LocalKafka
from tests.intake_world import NAME, STREET, World, insurance_number, number, submission, world
from tests.integration.relay_world import read_positions
from tests.services import PostgresServer, fresh_database

EVERYBODY = range(1, 61)
DAYS = ("2026-07-01", "2026-07-02", "2026-07-03")
CHANGES = 60 + 45 + 30
WITHIN_S = 30.0


@dataclass(frozen=True)
class Published:
    """A house whose events are on a broker, and what a foreign client reads there."""

    house: World
    address: str
    messages: list[Message]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [orjson.loads(message.value() or b"") for message in self.messages]


@pytest.fixture(scope="module")
def published(postgres_server: PostgresServer) -> Iterator[Published]:
    with LocalKafka() as broker, fresh_database(postgres_server) as url, world(url) as house:
        for change, day in enumerate(DAYS):
            told = {"cong_viec_cu_the": f"Việc {change}"}
            receipts = house.receive(*(submission(at, declared_on=day, **told) for at in EVERYBODY[15 * change :]))
            assert {receipt.state for receipt in receipts} == {"accepted"}
        asyncio.run(_relay(house, KafkaSettings(broker.bootstrap_servers, replication=1)))
        yield Published(house, broker.bootstrap_servers, _read(broker.bootstrap_servers))


async def _relay(house: World, settings: KafkaSettings) -> None:
    await topics.apply(settings)
    stream = KafkaStream(settings)
    await Relay(house.database, stream, system_clock, "one").drain()
    await stream.close()


def _read(address: str) -> list[Message]:
    """As somebody would who has librdkafka, an address and the name of a topic."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": "another-agency", "auto.offset.reset": "earliest"})
    consumer.subscribe([WORKER_CHANGED.name])
    messages: list[Message] = []
    deadline = time.monotonic() + WITHIN_S
    while len(messages) < CHANGES and time.monotonic() < deadline:
        messages += consumer.consume(500, 0.5)
    consumer.close()
    assert [message.error() for message in messages if message.error()] == []
    return messages


def _text(said: bytes | str | None) -> str:
    assert isinstance(said, bytes)
    return said.decode()


@pytest.fixture(scope="module")
def kcat() -> str:
    return program("kcat", "kcat")


def test_kcat_reads_the_same_keys_headers_and_bodies(published: Published, kcat: str) -> None:
    """One who has only a shell: a line of JSON per message, until the end of the topic."""
    command = [kcat, "-C", "-q", "-J", "-e", "-o", "beginning", "-b", published.address, "-t", WORKER_CHANGED.name]
    done = subprocess.run(command, check=True, capture_output=True, timeout=WITHIN_S)
    said = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == CHANGES
    assert {(one["partition"], one["offset"], one["key"], one["payload"]) for one in said} == {
        (message.partition(), message.offset(), _text(message.key()), _text(message.value()))
        for message in published.messages
    }
    for one in said:
        headers = dict(zip(one["headers"][::2], one["headers"][1::2], strict=True))
        trace = orjson.loads(one["payload"])["traceparent"]
        assert headers == {"content-type": "application/cloudevents+json; charset=UTF-8", "traceparent": trace}
    assert {one["partition"] == partition_of(one["key"], WORKER_CHANGED.partitions) for one in said} == {True}


def test_another_group_rebuilds_every_record_but_its_sealed_identity(published: Published) -> None:
    newest: dict[str, dict[str, Any]] = {}
    for event in published.events:
        known = newest.get(event["partitionkey"])
        if known is None or event["sequence"] > known["sequence"]:
            newest[event["partitionkey"]] = event
    records = published.house.records.read(list(newest))
    assert len(records) == len(EVERYBODY)
    for worker_id, opened in records.items():
        rebuilt = newest[worker_id]
        assert rebuilt["sequence"] == opened.record.version
        assert rebuilt["data"]["groups"] == split_identity(opened.record.groups)[0]
        assert rebuilt["data"]["sources"] == {
            group: {"source": said.source, "as_of": said.as_of, "verified": said.verified_at is not None}
            for group, said in opened.record.provenance.items()
        }


def test_the_topic_says_nobodys_name_number_or_house(published: Published) -> None:
    everything = b"".join((message.value() or b"") + (message.key() or b"") for message in published.messages).decode()
    said = [NAME, STREET, *(number(at) for at in EVERYBODY), *(insurance_number(at) for at in EVERYBODY)]
    assert [secret for secret in said if secret in everything] == []


def test_versions_of_one_person_come_in_order_without_a_gap(published: Published) -> None:
    seen: dict[str, list[int]] = {}
    for event in published.events:
        seen.setdefault(event["subject"], []).append(event["sequence"])
    assert [versions for versions in seen.values() if versions != list(range(1, len(versions) + 1))] == []
    assert sorted({len(versions) for versions in seen.values()}) == [1, 2, 3]


def test_every_event_is_what_the_published_schema_says(published: Published) -> None:
    validator = jsonschema.Draft202012Validator(documents()["worker-event.schema.json"])
    wrong = [error.message for event in published.events for error in validator.iter_errors(event)]
    assert wrong == []
    for message in published.messages:
        headers = dict(message.headers() or ())
        assert headers.pop("content-type") == b"application/cloudevents+json; charset=UTF-8"
        assert headers == {"traceparent": orjson.loads(_text(message.value()))["traceparent"].encode()}
        event = orjson.loads(message.value() or b"")
        assert _text(message.key()) == event["partitionkey"] == event["subject"]


def test_each_position_leads_to_its_bytes_on_kafka(published: Published) -> None:
    at = {(message.partition(), message.offset()): message.value() for message in published.messages}
    log = read_positions(published.house.database)
    assert [event.position for event in log] == list(range(1, len(published.messages) + 1))
    assert [bytes(event.body) for event in log] == [at[event.partition, event.offset] for event in log]
    consumer = Consumer({"bootstrap.servers": published.address, "group.id": "seeker"})
    consumer.assign([TopicPartition(WORKER_CHANGED.name, log[-1].partition, log[-1].offset)])
    found = consumer.consume(1, WITHIN_S)
    consumer.close()
    assert [message.value() for message in found] == [bytes(log[-1].body)]


def test_librdkafka_told_to_use_murmur2_places_keys_as_the_contract_says(published: Published) -> None:
    own = f"test.{uuid.uuid4()}"
    asyncio.run(topics.apply(KafkaSettings(published.address, replication=1), [replace(WORKER_CHANGED, name=own)]))
    placed: dict[str, int | None] = {}

    def note(_error: object, message: Message) -> None:
        placed[_text(message.key())] = message.partition()

    producer = Producer({"bootstrap.servers": published.address, "partitioner": "murmur2_random"})
    for at in range(100):
        key = str(uuid.UUID(int=at))
        producer.produce(own, b"1", key, on_delivery=note)
    producer.flush(WITHIN_S)
    assert placed == {key: partition_of(key, WORKER_CHANGED.partitions) for key in placed}
    assert len(placed) == 100
