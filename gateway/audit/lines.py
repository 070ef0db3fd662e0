"""The lines of an export: one JSON object each, in one spelling only, so that nothing can be changed unseen."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final, TypeAlias

import orjson

from gateway.audit.chain import ChainRow, Checkpoint, Head

Part: TypeAlias = ChainRow | Checkpoint | Head
LINE_BYTES_MAX: Final = 256 * 1024
HEADER: Final = b'{"kind":"lgsp audit export","version":1}\n'
_KINDS: Final[dict[str, type[Part]]] = {"row": ChainRow, "checkpoint": Checkpoint, "head": Head}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}
_BYTES: Final = frozenset({"hash", "signature"})
_NUMBERS: Final = frozenset({"number", "position", "checkpoints"})


class Unreadable(ValueError):
    """A line that no export of ours holds."""


def body(part: Part) -> dict[str, Any]:
    """A part as a JSON object; bytes as lower-case hex."""
    kind = type(part)
    told = {field.name: getattr(part, field.name) for field in fields(kind)}
    return {"kind": _NAMES[kind], **{name: value.hex() if name in _BYTES else value for name, value in told.items()}}


def part_of(value: object) -> Part:
    """The inverse of `body`. Raises Unreadable."""
    named = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(named, str) or named not in _KINDS:
        raise Unreadable("kind")
    kind = _KINDS[named]
    if value.keys() != {"kind", *(field.name for field in fields(kind))}:
        raise Unreadable("members")
    return kind(**{field.name: _member(field.name, value[field.name]) for field in fields(kind)})


def line(part: Part) -> bytes:
    """One line, with its end."""
    return orjson.dumps(body(part)) + b"\n"


def read_line(text: bytes) -> Part:
    """The part that a line holds. Raises Unreadable, also for another spelling of the same."""
    try:
        part = part_of(orjson.loads(text))
    except orjson.JSONDecodeError:
        raise Unreadable("json") from None
    if line(part) != text:
        raise Unreadable("spelling")
    return part


def _member(name: str, value: object) -> Any:
    if name in _NUMBERS:
        if type(value) is not int:
            raise Unreadable(name)
        return value
    if not isinstance(value, str):
        raise Unreadable(name)
    if name not in _BYTES:
        return value
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise Unreadable(name) from None
