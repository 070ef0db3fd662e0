"""Which partition a key belongs to, by the partitioner that the contract names (`contracts.topics.PARTITIONER`).

Source: MurmurHash2 by Austin Appleby (public domain), in Kafka's variant: seed 0x9747b28c, sign bit cleared, modulo the
number of partitions, over the key's UTF-8.
"""

from __future__ import annotations

from struct import unpack_from
from typing import Final

_SEED: Final = 0x9747B28C
_MULTIPLIER: Final = 0x5BD1E995
_SHIFT: Final = 24
_MASK: Final = 0xFFFFFFFF
_SIGN_CLEARED: Final = 0x7FFFFFFF


def murmur2(data: bytes) -> int:
    """The hash as an unsigned 32-bit number."""
    length = len(data)
    words = length // 4
    state = _SEED ^ length
    for word in unpack_from(f"<{words}I", data):
        mixed = word * _MULTIPLIER & _MASK
        # One mask for both products: what lies above 32 bits never comes down again.
        state = (state * _MULTIPLIER ^ (mixed ^ mixed >> _SHIFT) * _MULTIPLIER) & _MASK
    if tail := data[words * 4 :]:
        state = (state ^ int.from_bytes(tail, "little")) * _MULTIPLIER & _MASK
    state = (state ^ state >> 13) * _MULTIPLIER & _MASK
    return state ^ state >> 15


def partition_of(key: str, partitions: int) -> int:
    """The partition, from 0, of a key."""
    return (murmur2(key.encode()) & _SIGN_CLEARED) % partitions
