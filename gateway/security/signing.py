"""Signatures that anybody can check with a public key: Ed25519 (RFC 8032)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

_KEY_ID_LENGTH: Final = 16


class NoPublicKey(ValueError):
    """The text is no Ed25519 public key in PEM."""


class Signer:
    """Signs with the key that a seed of 32 bytes gives. `key_id` names the key without telling it."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.key_id = _key_id(self._key.public_key())

    def __repr__(self) -> str:
        return f"Signer({self.key_id})"

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(message)

    def public_pem(self) -> str:
        """The public key, as other programs read it (SubjectPublicKeyInfo, RFC 8410)."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class PublicKeys:
    """The public keys that somebody trusts, by their ids."""

    def __init__(self, pems: Iterable[bytes]) -> None:
        """Raises NoPublicKey."""
        keys = map(_public_key, pems)
        self._keys = {_key_id(key): key for key in keys}

    def check(self, key_id: str, message: bytes, signature: bytes) -> bool | None:
        """Genuine or not; None for a key that is not among these."""
        key = self._keys.get(key_id)
        if key is None:
            return None
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def _public_key(pem: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise NoPublicKey from None
    if not isinstance(key, Ed25519PublicKey):
        raise NoPublicKey
    return key


def _key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:_KEY_ID_LENGTH]
