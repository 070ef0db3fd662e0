"""Merkle trees as in RFC 9162, section 2.1: one signature over the root stands for every leaf below it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

HASH_BYTES: Final = 32


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + content).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root above hashed leaves, of which there is at least one."""
    assert leaves, "a tree has a leaf"
    if len(leaves) == 1:
        return leaves[0]
    middle = _split(len(leaves))
    return _node(root(leaves[:middle]), root(leaves[middle:]))


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from a leaf to the root, the lowest first."""
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*path(leaves[:middle], index), root(leaves[middle:])]
    return [*path(leaves[middle:], index - middle), root(leaves[:middle])]


def climb(leaf: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes | None:
    """The root to which a path leads from a leaf; None when no tree of this size has such a path."""
    if not 0 <= index < size:
        return None
    if size == 1:
        return leaf if not hashes else None
    if not hashes:
        return None
    middle = _split(size)
    *lower, other = hashes
    if index < middle:
        below = climb(leaf, index, middle, lower)
        return None if below is None else _node(below, other)
    below = climb(leaf, index - middle, size - middle, lower)
    return None if below is None else _node(other, below)


def _split(size: int) -> int:
    """The largest power of two that is smaller than the number of leaves."""
    return 1 << (size - 1).bit_length() - 1


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
