"""Sealing under a person's own key (AES-256-GCM) and keyed look-up (HMAC-SHA-256).

A box is nonce (12 bytes) + ciphertext + tag (16). Its associated data names table, row, field set and key, so that a
box moved to another row, table or person does not open. Deleting a person's keys erases every box sealed under them.
"""

from __future__ import annotations

import hmac
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.canonical import Json, canonical_bytes
from gateway.security.keyring import Keyring
from gateway.security.signing import Signer

NONCE_BYTES: Final = 12
_ID_BYTES: Final = 16
_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 16
_CACHED_KEYS_MAX: Final = 65_536


class CannotOpen(Exception):
    """A box does not open: another key, another row, or changed bytes. Erased people's boxes end here too."""


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """One person's key, unwrapped. `cipher` seals; `hash_key` makes hashes that die with the key."""

    key_id: str
    cipher: AESGCM
    hash_key: bytes

    def __repr__(self) -> str:
        return f"DataKey({self.key_id})"

    def seal(self, value: Json, *, table: str, row: str, fields: str) -> bytes:
        """Seal a JSON value."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self.cipher.encrypt(nonce, orjson.dumps(value), self._context(table, row, fields))

    def open(self, box: bytes, *, table: str, row: str, fields: str) -> Json:
        """Open a box. Raises CannotOpen."""
        try:
            plain = self.cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], self._context(table, row, fields))
        except (InvalidTag, ValueError):
            raise CannotOpen(f"{table}/{fields}") from None
        value: Json = orjson.loads(plain)
        return value

    def state_hash(self, state: dict[str, Json]) -> bytes:
        """Keyed hash of a JSON object in canonical form, 32 bytes. A bare hash of identity fields can be guessed."""
        return hmac.new(self.hash_key, canonical_bytes(state), "sha256").digest()

    def _context(self, table: str, row: str, fields: str) -> bytes:
        return f"{table}|{row}|{fields}|{self.key_id}".encode()


def index_key_id(key: bytes) -> str:
    """Names an index key without telling it, 16 hex digits."""
    return hmac.new(key, b"lgsp index key id v1", "sha256").hexdigest()[:16]


class Vault:
    """Makes, wraps and unwraps persons' keys, and computes the look-up indexes."""

    def __init__(self, keyring: Keyring) -> None:
        self._sender_mac = hmac.new(keyring.sender_key, digestmod="sha256")
        # Derived, so that it stays when others rotate: who was erased years ago must still be known.
        ledger_key = hmac.new(keyring.sender_key, b"lgsp erasure ledger key v1", "sha256").digest()
        self._erasure_mac = hmac.new(ledger_key, digestmod="sha256")
        self._wrappers: tuple[AESGCM, ...] = ()
        self._index_macs: dict[str, hmac.HMAC] = {}
        self._index = ("", self._sender_mac)
        self.take(keyring)
        self.audit_signer = Signer(keyring.audit)
        self.token_key: Callable[[], bytes] = lambda: keyring.token
        self._unwrap = lru_cache(maxsize=_CACHED_KEYS_MAX)(self._unwrap_uncached)

    def take(self, keyring: Keyring) -> None:
        """Wrap with this key-encryption key from now on, and open what it or a retired one wrapped; find people by
        either index key while there are two."""
        self._wrappers = tuple(AESGCM(key) for key in (keyring.key_encryption, *keyring.retired))
        keys = (keyring.index, *([keyring.next_index] if keyring.next_index else ()))
        self._index_macs = {index_key_id(key): hmac.new(key, digestmod="sha256") for key in keys}
        if not self.turn(self.index_key):
            self.turn(index_key_id(keyring.index))

    @property
    def index_key(self) -> str:
        """Id of the index key in force."""
        return self._index[0]

    def turn(self, index_key: str) -> bool:
        """Index by this key from now on, as the database says; False when it is none that we have."""
        mac = self._index_macs.get(index_key)
        if mac is not None:
            self._index = (index_key, mac)
        return mac is not None

    def rewrapped(self, key_id: str, wrapped: bytes) -> bytes | None:
        """The same key wrapped by the present key-encryption key; None when it is already. Raises CannotOpen."""
        present, *retired = self._wrappers
        for wrapper in (present, *retired):
            try:
                key = wrapper.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.encode())
            except (InvalidTag, ValueError):
                continue
            if wrapper is present:
                return None
            nonce = os.urandom(NONCE_BYTES)
            return nonce + present.encrypt(nonce, key, key_id.encode())
        raise CannotOpen("data_keys")

    def new_key(self) -> tuple[DataKey, bytes]:
        """A fresh key and its wrapped form for `data_keys`."""
        # One draw, since each lets go of the interpreter's lock and then waits for its turn; used up here and at once.
        drawn = os.urandom(_ID_BYTES + _KEY_BYTES + NONCE_BYTES)
        key_id = str(uuid.UUID(bytes=drawn[:_ID_BYTES], version=4))
        key, nonce = drawn[_ID_BYTES:-NONCE_BYTES], drawn[-NONCE_BYTES:]
        wrapped = nonce + self._wrappers[0].encrypt(nonce, key, key_id.encode())
        return _data_key(key_id, key), wrapped

    def unwrap(self, key_id: str, wrapped: bytes) -> DataKey:
        """The key of a `data_keys` row. Raises CannotOpen."""
        return self._unwrap(key_id, wrapped)

    def index(self, kind: str, value: str) -> bytes:
        """Keyed index of an identifier (or of name + birth date) by the key in force, 32 bytes."""
        return _mac(self._index[1], f"{kind}|{value}".encode())

    def every_index(self, kind: str, value: str) -> list[bytes]:
        """The same by each key that there is: while the index key rotates a person may be found by either."""
        message = f"{kind}|{value}".encode()
        return [_mac(mac, message) for mac in self._index_macs.values()]

    def sender_key_index(self, sender: str, key: str) -> bytes:
        """Keyed index of a sender's key, 32 bytes."""
        return _mac(self._sender_mac, f"{len(sender)}|{sender}|{key}".encode())

    def body_digest(self, body: bytes) -> bytes:
        """Keyed digest of a submitted body, to recognise the same one again."""
        return _mac(self._sender_mac, body)

    def receipt_salt(self, entry_id: str) -> bytes:
        """What a signed receipt's commitment is salted with, 16 bytes; the same whenever the receipt is asked for."""
        return _mac(self._sender_mac, f"receipt salt v1|{entry_id}".encode())[:_SALT_BYTES]

    def erasure_mark(self, kind: str, value: str) -> bytes:
        """By this the erasure ledger knows an identifier again, 32 bytes."""
        return _mac(self._erasure_mac, f"{kind}|{value}".encode())

    def _unwrap_uncached(self, key_id: str, wrapped: bytes) -> DataKey:
        for wrapper in self._wrappers:
            try:
                key = wrapper.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.encode())
            except (InvalidTag, ValueError):
                continue
            return _data_key(key_id, key)
        raise CannotOpen("data_keys")


def _mac(keyed: hmac.HMAC, message: bytes) -> bytes:
    # Not hmac.digest: that lets go of the interpreter's lock, and beside a busy thread 3 µs became 200. The keyed state
    # is only ever copied, never updated, so threads may share it; a copy gives the same digest as a new HMAC.
    mac = keyed.copy()
    mac.update(message)
    return mac.digest()


def _data_key(key_id: str, key: bytes) -> DataKey:
    return DataKey(key_id, AESGCM(key), hmac.new(key, b"lgsp state hash v1", "sha256").digest())
