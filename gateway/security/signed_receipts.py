"""Signed receipts: proof, for whoever holds the public key, that this gateway took this content from this sender then.

All entries of one commit are the leaves of a Merkle tree (`merkle`), whose root is signed once. A leaf is a statement:

    {"batch": …, "content": …, "leaf": …, "received_at": …, "sender": …}        canonical JSON (RFC 8785)

`content` commits to what was submitted without telling it: SHA-256 over a salt and the canonical JSON of the entry.
Whoever is shown a receipt without its salt cannot guess a number from it; with the salt and the entry everybody can
compare. What became of the entry is not said: it may change, and a sender without rights to the person is not to be
told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from contracts.canonical import canonical_bytes
from gateway.security.merkle import climb, leaf_hash

KIND: Final = "lgsp receipt"
VERSION: Final = 1
SALT_BYTES: Final = 16
_TREE_SIZE_MAX: Final = 65_536
_PATH_MAX: Final = 16
_SAID: Final = frozenset({"batch", "leaf", "sender", "received_at", "content"})
_MEMBERS: Final = frozenset({"kind", "version", "statement", "salt", "size", "path", "key_id", "signature"})

ReceiptFault: TypeAlias = Literal["no-receipt", "path", "signature", "key-unknown", "other-content"]
FAULTS: Final[tuple[ReceiptFault, ...]] = get_args(ReceiptFault)
CheckSignature: TypeAlias = Callable[[str, bytes, bytes], bool | None]
"""key id, message, signature -> genuine or not; None: a key that is not known here."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed. `content`: hex of the commitment; `received_at`: UTC."""

    batch: str
    leaf: int
    sender: str
    received_at: str
    content: str

    def hash(self) -> bytes:
        """The leaf's hash."""
        return leaf_hash(canonical_bytes(self.body()))

    def body(self) -> dict[str, object]:
        """As a JSON object."""
        return {name: getattr(self, name) for name in sorted(_SAID)}


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A statement, its way to the root, and the root's signature."""

    statement: Statement
    salt: bytes
    size: int
    path: tuple[bytes, ...]
    key_id: str
    signature: bytes

    def body(self) -> dict[str, Any]:
        """As a JSON object; bytes as lower-case hex."""
        return {
            "kind": KIND,
            "version": VERSION,
            "statement": self.statement.body(),
            "salt": self.salt.hex(),
            "size": self.size,
            "path": [one.hex() for one in self.path],
            "key_id": self.key_id,
            "signature": self.signature.hex(),
        }


def submitted(envelope: Mapping[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    """An entry as a receipt commits to it: everything but the sender's key, members without a value left out."""
    return {**envelope, "fields": fields}


def commitment(salt: bytes, entry: Mapping[str, object]) -> bytes:
    """By this a receipt knows an entry (`submitted`) again, 32 bytes. Raises ValueError for what is no JSON of ours."""
    return hashlib.sha256(salt + canonical_bytes(entry)).digest()


def root_message(batch: str, size: int, root: bytes) -> bytes:
    """What is signed for a whole tree."""
    return f"lgsp receipts v{VERSION}\n{batch}\n{size}\n{root.hex()}\n".encode()


def read_receipt(value: object) -> SignedReceipt | None:
    """The inverse of `body`; None for what is no receipt of ours."""
    if not isinstance(value, dict) or value.keys() != _MEMBERS or (value["kind"], value["version"]) != (KIND, VERSION):
        return None
    said, size, path = value["statement"], value["size"], value["path"]
    if not isinstance(said, dict) or said.keys() != _SAID or not isinstance(path, list) or len(path) > _PATH_MAX:
        return None
    numbers = (said["leaf"], size)
    texts = [value[name] for name in ("salt", "key_id", "signature")] + [said[name] for name in _SAID - {"leaf"}]
    if not all(type(one) is int for one in numbers) or not all(isinstance(one, str) for one in (*texts, *path)):
        return None
    if not 0 <= said["leaf"] < size <= _TREE_SIZE_MAX:
        return None
    try:
        salt, signature, *steps = map(bytes.fromhex, (value["salt"], value["signature"], *path))
    except ValueError:
        return None
    return SignedReceipt(Statement(**said), salt, size, tuple(steps), value["key_id"], signature)


def fault_of(one: SignedReceipt, check: CheckSignature) -> ReceiptFault | None:
    """What is wrong with a receipt, or None."""
    said = one.statement
    root = climb(said.hash(), said.leaf, one.size, one.path)
    if root is None:
        return "path"
    genuine = check(one.key_id, root_message(said.batch, one.size, root), one.signature)
    if not genuine:
        return "key-unknown" if genuine is None else "signature"
    return None


def is_of(one: SignedReceipt, entry: Mapping[str, object]) -> bool:
    """Is a genuine receipt about this entry (`submitted`)?"""
    try:
        return commitment(one.salt, entry).hex() == one.statement.content
    except ValueError:
        return False
