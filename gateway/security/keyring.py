"""The house keys: one file with five keys of 32 bytes, each for one purpose, and those that are being replaced.

- `key_encryption` wraps the key of every person; it rotates without touching what persons' keys sealed.
- `index` makes look-ups possible without storing a number: a bare SHA-256 of a 12-digit number falls in a minute.
- `sender_key` tells a repeated submission from a new one; it stays when the index key rotates.
- `token` signs the door's tokens.
- `audit` signs the audit chain. A file made before there was one has none; then it is derived from `sender_key`, which
  stays for the life of the database, so that every process and every start has the same.

While `key_encryption` rotates, the file also holds the one before (`retired`), which still opens what it wrapped; while
`index` rotates, the one that comes (`next_index`). Which of the two is in force, the database says.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

KEY_BYTES = 32
_DIFFERENT_BYTES_MIN: Final = 16
"""32 random bytes have fewer in less than one case of 10^16; a password, or a pattern, soon does."""

_NAMES: Final = ("key_encryption", "index", "sender_key", "token", "audit")


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
    retired: tuple[bytes, ...] = ()
    next_index: bytes | None = None

    def __repr__(self) -> str:
        return "Keyring(…)"

    @classmethod
    def generate(cls) -> Keyring:
        """Fresh random keys."""
        return cls(**{name: secrets.token_bytes(KEY_BYTES) for name in _NAMES}, retired=())

    def rotated(self) -> Keyring:
        """With a new key-encryption key; the present one is retired."""
        new = secrets.token_bytes(KEY_BYTES)
        return replace(self, key_encryption=new, retired=(self.key_encryption, *self.retired))

    def with_next_index(self) -> Keyring:
        """With an index key that is to take the present one's place."""
        return replace(self, next_index=secrets.token_bytes(KEY_BYTES))

    def with_index_turned(self) -> Keyring:
        """The next index key is the present one, and nothing is found by the one before."""
        assert self.next_index is not None, "a rotation has begun"
        return replace(self, index=self.next_index, next_index=None)

    def settled(self) -> Keyring:
        """Without the retired ones, once nothing is wrapped by them any more."""
        return replace(self, retired=())


def load(path: Path) -> Keyring:
    """Read the key file. Raises KeysUnusable."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise KeysUnusable(f"Không có tệp khóa / no key file: {path}") from None
    except (OSError, ValueError) as error:
        raise KeysUnusable(f"Tệp khóa hỏng / key file unreadable: {path} ({type(error).__name__})") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> Keyring:
    """Keys from the text of a key file. `where`: what messages call it. Raises KeysUnusable."""
    try:
        document = json.loads(text)
        names = [name for name in _NAMES if name in document or name != "audit"]
        keys = {name: base64.b64decode(document[name], validate=True) for name in names}
        retired = tuple(base64.b64decode(one, validate=True) for one in document.get("retired", ()))
        coming = document.get("next_index")
        next_index = None if coming is None else base64.b64decode(coming, validate=True)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeysUnusable(f"Tệp khóa hỏng / key file unreadable: {where} ({type(error).__name__})") from None
    if any(len(key) != KEY_BYTES for key in (*keys.values(), *retired, *([next_index] if next_index else ()))):
        raise KeysUnusable(f"Khóa phải dài 32 byte / keys must be 32 bytes: {where}")
    everything = [*keys.values(), *retired, *([next_index] if next_index else ())]
    if any(len(set(key)) < _DIFFERENT_BYTES_MIN for key in everything) or len({*everything}) < len(everything):
        raise KeysUnusable(f"Khóa yếu hoặc trùng nhau / a key is weak, or two are the same: {where}")
    keys.setdefault("audit", hmac.new(keys["sender_key"], b"lgsp audit key v1", "sha256").digest())
    return Keyring(**keys, retired=retired, next_index=next_index)


def render(keyring: Keyring) -> str:
    """The inverse of `parse`."""
    document: dict[str, Any] = {name: base64.b64encode(getattr(keyring, name)).decode() for name in _NAMES}
    if keyring.retired:
        document["retired"] = [base64.b64encode(key).decode() for key in keyring.retired]
    if keyring.next_index is not None:
        document["next_index"] = base64.b64encode(keyring.next_index).decode()
    return json.dumps(document, indent=1)


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
    draft = _draft(path)
    try:
        _write(keyring, draft, 0o600)
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def replace_file(keyring: Keyring, path: Path) -> None:
    """The file changes in one step: who reads it meanwhile reads the old or the new one. Raises KeysUnusable."""
    draft = _draft(path)
    try:
        _write(keyring, draft, path.stat().st_mode & 0o777)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise KeysUnusable(f"Không ghi được tệp khóa / cannot write: {path} ({type(error).__name__})") from None


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _write(keyring: Keyring, file: Path, mode: int) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(render(keyring))
        opened.flush()
        os.fsync(opened.fileno())
    file.chmod(mode)
