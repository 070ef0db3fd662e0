"""The house keys: one file with five keys of 32 bytes, each for one purpose.

- `key_encryption` wraps the key of every person; it rotates without touching what persons' keys sealed.
- `index` makes look-ups possible without storing a number: a bare SHA-256 of a 12-digit number falls in a minute.
- `sender_key` tells a repeated submission from a new one; it stays when the index key rotates.
- `token` signs the door's tokens.
- `audit` signs the audit chain. A file made before there was one has none; then it is derived from `sender_key`, which
  stays for the life of the database, so that every process and every start has the same.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from dataclasses import dataclass, fields
from pathlib import Path

KEY_BYTES = 32


class KeysUnusable(Exception):
    """The key file is missing, unreadable or malformed; the message says what to do and holds no key."""


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """Five keys of 32 bytes. Its repr shows none of them."""

    key_encryption: bytes
    index: bytes
    sender_key: bytes
    token: bytes
    audit: bytes

    def __repr__(self) -> str:
        return "Keyring(…)"

    @classmethod
    def generate(cls) -> Keyring:
        """Fresh random keys."""
        return cls(*(secrets.token_bytes(KEY_BYTES) for _ in fields(cls)))


def load(path: Path) -> Keyring:
    """Read the key file. Raises KeysUnusable."""
    try:
        document = json.loads(path.read_text("utf-8"))
        names = [field.name for field in fields(Keyring) if field.name in document or field.name != "audit"]
        keys = {name: base64.b64decode(document[name], validate=True) for name in names}
    except FileNotFoundError:
        raise KeysUnusable(f"Không có tệp khóa / no key file: {path}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeysUnusable(f"Tệp khóa hỏng / key file unreadable: {path} ({type(error).__name__})") from None
    if any(len(key) != KEY_BYTES for key in keys.values()):
        raise KeysUnusable(f"Khóa phải dài 32 byte / keys must be 32 bytes: {path}")
    keys.setdefault("audit", hmac.new(keys["sender_key"], b"lgsp audit key v1", "sha256").digest())
    return Keyring(**keys)


def load_or_create(path: Path) -> Keyring:
    """Read the key file, or make one that only its owner can read. Raises KeysUnusable."""
    if path.exists():
        return load(path)
    keyring = Keyring.generate()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _publish(keyring, path)
    except FileExistsError:
        return load(path)
    except OSError as error:
        raise KeysUnusable(f"Không ghi được tệp khóa / cannot write: {path} ({type(error).__name__})") from None
    return keyring


def _publish(keyring: Keyring, path: Path) -> None:
    """The file appears whole or not at all, and once: two processes that start together must not each believe in keys
    of their own, nor one of them read what the other has half written."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    document = {field.name: base64.b64encode(getattr(keyring, field.name)).decode() for field in fields(Keyring)}
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
