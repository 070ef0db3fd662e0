"""A real Kafka to measure on, and what its topics hold: how many records, and when the broker wrote them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.topics import WORKER_CHANGED
from ops.local.kafka import LocalKafka

PARTITIONS: Final = WORKER_CHANGED.partitions
_LOOK_AGAIN_S: Final = 0.02
_WITHIN_S: Final = 30.0


@contextmanager
def broker() -> Iterator[LocalKafka]:
    """With Java's second compiler, on the machine's own disk."""
    with LocalKafka(measured=True) as server:
        yield server


def make_topic(servers: str, name: str) -> None:
    """A topic with as many partitions as ours; the broker stamps its records when it writes them."""
    settings = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(WORKER_CHANGED.record_bytes_max)}
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic(name, PARTITIONS, 1, config=settings)])[name].result(_WITHIN_S)


class TopicReader:
    """Reads a topic from outside every group."""

    def __init__(self, servers: str, topic: str) -> None:
        self._topic = topic
        self.consumer = Consumer(
            {"bootstrap.servers": servers, "group.id": f"bench-{uuid.uuid4()}", "enable.auto.commit": False}
        )

    def ends(self) -> list[int]:
        """The offset behind the last record of each partition."""
        partitions = [TopicPartition(self._topic, number) for number in range(PARTITIONS)]
        return [self.consumer.get_watermark_offsets(one, timeout=_WITHIN_S, cached=False)[1] for one in partitions]

    def wait_for(self, before: list[int], count: int, within_s: float) -> None:
        """Until `count` records stand behind `before`. Raises RuntimeError."""
        deadline = time.monotonic() + within_s
        while sum(self.ends()) - sum(before) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self._topic}: {sum(self.ends()) - sum(before)} of {count} in {within_s:.0f} s")
            time.sleep(_LOOK_AGAIN_S)

    def read_from(self, before: list[int]) -> None:
        """Begin at these offsets."""
        self.consumer.assign([TopicPartition(self._topic, number, at) for number, at in enumerate(before)])

    def written_within_s(self, before: list[int], count: int) -> float:
        """From the broker's stamp on the first of `count` records behind `before` to that on the last."""
        self.read_from(before)
        stamps: list[int] = []
        while len(stamps) < count:
            stamps += [message.timestamp()[1] for message in self.consumer.consume(5_000, 1.0)]
        self.consumer.unassign()
        return max(max(stamps) - min(stamps), 1) / 1_000

    def close(self) -> None:
        """Give the connection back."""
        self.consumer.close()
