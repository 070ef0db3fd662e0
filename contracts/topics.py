"""The topics of the stream, from `topics.csv`: key, payload, partitions, retention, replication. Never compacted.

Never, because a relay that was stopped for too long may repeat an old event behind a newer one: a compacted topic would
keep the old one only, while readers of the whole topic keep the highest `sequence`. The number of partitions is part of
the contract: another one would put a key's later events on another partition. Only a new topic may have another number.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from typing import Final

PARTITIONER: Final = "murmur2"
"""How a key's partition is found, by every producer: murmur2 over the key's UTF-8, as Kafka's Java client does. Other
clients have other defaults (librdkafka: CRC-32), which would tear one person's events apart."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One row. `payload` in words, `schema` as a file in contracts/published, `record_bytes_max` with its framing."""

    name: str
    key: str
    payload: str
    schema: str
    content_type: str
    partitions: int
    retention_days: int
    replication: int
    in_sync_min: int
    record_bytes_max: int
    meaning_vi: str
    meaning_en: str

    def in_sync_of(self, replication: int) -> int:
        """How many replicas must have a record before it counts, where there are `replication` of them.

        As the row says where there are as many as it says; else all but one, and at least one.
        """
        return self.in_sync_min if replication == self.replication else max(1, replication - 1)


def _read() -> tuple[Topic, ...]:
    text = resources.files("contracts").joinpath("topics.csv").read_text("utf-8")
    return tuple(_topic(row) for row in csv.DictReader(text.splitlines()))


def _topic(row: dict[str, str]) -> Topic:
    return Topic(
        name=row["topic"],
        key=row["key"],
        payload=row["payload"],
        schema=row["schema"],
        content_type=row["content_type"],
        partitions=int(row["partitions"]),
        retention_days=int(row["retention_days"]),
        replication=int(row["replication"]),
        in_sync_min=int(row["in_sync_min"]),
        record_bytes_max=int(row["record_bytes_max"]),
        meaning_vi=row["meaning_vi"],
        meaning_en=row["meaning_en"],
    )


TOPICS: Final = _read()
(WORKER_CHANGED,) = TOPICS
