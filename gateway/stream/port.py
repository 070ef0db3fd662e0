"""What every stream promises, and what none does.

Promised
- A record is kept on the partition that `partitioner.partition_of` names for its key, and readers get the records of
  one partition in the order of their offsets: one key's records come in the order in which they were published.
- When one record cannot be published, later records with the same key in the same call are held back, so that a
  successor never overtakes it.
- `Published` means stored: it survives the death of any process.
- A group that never committed starts at the earliest record kept. A group that did starts behind what it committed.
- At least once: a record comes again after a restart, unless an offset behind it was committed.

Not promised
- Exactly once. A call whose outcome was lost, and a relay that was stopped for too long, publish again; the copies are
  byte-identical and may land after younger records, so readers keep the highest `sequence`.
- Order between keys, even on one partition, beyond that of the offsets.
- Offsets without gaps.
- Records older than the topic's retention, read or not. No topic is compacted.
- That two consumers of one group at the same time share the work: some streams divide the partitions, some give both
  everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

RECORD_BYTES_MAX: Final = 900_000
"""Largest body. Kafka's own limit of 1 MiB includes key, headers and framing."""

FailureCause: TypeAlias = Literal["record_too_large", "earlier_record_failed", "unavailable", "refused"]


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """What is to be published. `key` decides partition and order; `body` is carried byte for byte."""

    topic: str
    key: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """Where a record was stored."""

    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class PublishFailed:
    """Not known to be stored. `unavailable` may heal by itself; `record_too_large` and `refused` do not."""

    cause: FailureCause


Outcome: TypeAlias = Published | PublishFailed


@dataclass(frozen=True, slots=True)
class Received:
    """A record as a reader gets it."""

    topic: str
    partition: int
    offset: int
    key: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """A reader on one partition: the offset of the record that comes next, and the offset behind the last one."""

    next: int
    end: int


class StreamUnavailable(Exception):
    """The stream does not answer now; the same call later may succeed."""


class UnknownTopic(ValueError):
    """The topic is not in `contracts.topics.TOPICS`: a bug of the caller."""


class Consumer(Protocol):
    """One reader in one group. Not for use by several tasks at once."""

    async def poll(self, max_records: int, timeout_ms: int) -> list[Received]:
        """Up to `max_records` next records, in order per partition; empty when none came in time.

        Polling moves on without committing. Raises StreamUnavailable.
        """
        ...

    async def commit(self, received: Sequence[Received]) -> None:
        """Say that these records, and all before them on their partitions, need not come again.

        Call it only after what follows from them is stored. Raises StreamUnavailable.
        """
        ...

    def lag(self) -> int:
        """Records that are there and were not polled, on the partitions held, as this reader last saw it.

        An estimate for people: 0 before the first poll, and it stands still while nobody polls.
        """
        ...

    async def progress(self) -> Mapping[tuple[str, int], Progress]:
        """Of each (topic, partition) held: what the next poll begins with, and where the partition ends now.

        Empty before the first poll. Raises StreamUnavailable.
        """
        ...

    async def close(self) -> None:
        """Leave the group; nothing is committed by leaving."""
        ...


class Stream(Protocol):
    """A set of topics with their partitions."""

    async def publish(self, records: Sequence[StreamRecord]) -> list[Outcome]:
        """Store records; answers one outcome per record, in order. Raises only for a bug (UnknownTopic)."""
        ...

    def consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        """A reader of `topics` for `group`. Nothing is opened before the first poll. Raises UnknownTopic."""
        ...

    async def ready(self) -> bool:
        """Whether publishing would work now."""
        ...

    async def close(self) -> None:
        """Give back every connection; consumers are closed too."""
        ...
