"""The chain: each row's hash covers the row before it, and signed checkpoints cover the chain up to a position.

What is hashed and signed is text that anybody can make again (docs/audit.md): a label, and a JSON array without spaces.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import orjson

START: Final = bytes(32)
"""What stands before the first row."""
_ROW_LABEL: Final = b"lgsp audit row v1\n"
_CHECKPOINT_LABEL: Final = b"lgsp audit checkpoint v1\n"
_HEAD_LABEL: Final = b"lgsp audit head v1\n"


@dataclass(frozen=True, slots=True)
class ChainRow:
    """An audit row in its place. `hash`: 32 bytes over the row before and this one; `chained_at`: when it got here."""

    position: int
    at: str
    actor: str
    action: str
    subject: str
    outcome: str
    detail: str
    chained_at: str
    hash: bytes

    def expected_hash(self, previous: bytes) -> bytes:
        """What `hash` must be behind a row whose hash is `previous`."""
        told = (self.position, self.at, self.actor, self.action, self.subject, self.outcome, self.detail)
        return hashlib.sha256(_ROW_LABEL + previous + orjson.dumps((*told, self.chained_at))).digest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signature over the chain up to `position`. `number` counts them from 1; `signature` is Ed25519, 64 bytes."""

    number: int
    position: int
    hash: bytes
    signed_at: str
    key_id: str
    signature: bytes

    def message(self) -> bytes:
        """What is signed."""
        told = (self.number, self.position, self.hash.hex(), self.signed_at, self.key_id)
        return _CHECKPOINT_LABEL + orjson.dumps(told)


@dataclass(frozen=True, slots=True)
class Head:
    """How long chain and list of checkpoints were at an instant, signed: without it the end could be cut off unseen."""

    position: int
    hash: bytes
    checkpoints: int
    made_at: str
    key_id: str
    signature: bytes

    def message(self) -> bytes:
        """What is signed."""
        told = (self.position, self.hash.hex(), self.checkpoints, self.made_at, self.key_id)
        return _HEAD_LABEL + orjson.dumps(told)
