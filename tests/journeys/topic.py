"""What lies on the topic, read by a client that is not ours, held against the store."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition
from sqlalchemy import select

from contracts.topics import WORKER_CHANGED
from gateway.store.engine import Database
from gateway.store.schema import events
from gateway.stream.partitioner import partition_of

_READ_WITHIN_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class TopicFaults:
    """Whatever should not be on the topic; counts of people and of records."""

    people: int
    """Of whom the topic tells."""
    disordered: int
    """People whose versions do not first appear as 1..n."""
    misplaced: int
    """Records on another partition than murmur2 of their key says, or under another key than their person's."""
    altered: int
    """Records that are not, byte for byte, the stored event."""


def read_topic(environment: Mapping[str, str]) -> TopicFaults:
    """Everything on the topic, against every event of the store."""
    stored = _stored(environment["LGSP_DATABASE__URL"])
    versions: dict[str, list[int]] = defaultdict(list)
    misplaced = altered = 0
    for message in _messages(environment["LGSP_KAFKA__BOOTSTRAP_SERVERS"]):
        body = message.value() or b""
        event = orjson.loads(body)
        worker_id, version = event["partitionkey"], event["sequence"]
        if version not in versions[worker_id]:
            versions[worker_id].append(version)
        at = partition_of(worker_id, WORKER_CHANGED.partitions)
        misplaced += (message.key(), message.partition()) != (worker_id.encode(), at)
        altered += stored.get((worker_id, version)) != body
    disordered = sum(seen != list(range(1, len(seen) + 1)) for seen in versions.values())
    missing = {worker_id for worker_id, version in stored if version not in versions[worker_id]}
    return TopicFaults(sum(bool(seen) for seen in versions.values()), disordered + len(missing), misplaced, altered)


def _stored(url: str) -> dict[tuple[str, int], bytes]:
    database = Database(url)
    try:
        with database.read() as connection:
            rows = connection.execute(select(events.c.worker_id, events.c.version, events.c.body))
            return {(row.worker_id, row.version): bytes(row.body) for row in rows}
    finally:
        database.close()


def _messages(bootstrap_servers: str) -> Iterator[Message]:
    reader = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": f"torture-{uuid.uuid4()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    partitions = range(WORKER_CHANGED.partitions)
    reader.assign([TopicPartition(WORKER_CHANGED.name, one, OFFSET_BEGINNING) for one in partitions])
    ended: set[int] = set()
    while len(ended) < WORKER_CHANGED.partitions:
        message = reader.poll(_READ_WITHIN_S)
        assert message is not None, "the topic goes on answering"
        error = message.error()
        if error is None:
            yield message
            continue
        assert error.code() == KafkaError._PARTITION_EOF, str(error)
        ended.add(message.partition() or 0)
    reader.close()
