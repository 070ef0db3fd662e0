"""The partitioner against values that Kafka's Java client gives."""

from __future__ import annotations

import uuid
from collections import Counter

import pytest

from contracts.topics import PARTITIONER
from gateway.stream import partitioner
from gateway.stream.partitioner import murmur2, partition_of

JAVA_HASHES = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


def test_the_contract_names_the_partitioner_that_is_used() -> None:
    assert getattr(partitioner, PARTITIONER) is murmur2


@pytest.mark.parametrize(("key", "signed"), JAVA_HASHES.items())
def test_the_hash_is_that_of_kafkas_java_client(key: str, signed: int) -> None:
    assert murmur2(key.encode()) == signed % 2**32


def test_a_negative_hash_gives_a_partition_with_its_sign_cleared() -> None:
    assert partition_of("21", 12) == (-973932308 & 0x7FFFFFFF) % 12


def test_workers_spread_evenly_over_the_partitions() -> None:
    counts = Counter(partition_of(str(uuid.UUID(int=number << 64 | number)), 12) for number in range(12_000))
    assert set(counts) == set(range(12))
    assert max(counts.values()) < 1.2 * min(counts.values())
