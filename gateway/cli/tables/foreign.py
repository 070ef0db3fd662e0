"""Bytes that were no UTF-8, kept as lone surrogates (PEP 383) until somebody looks at their row."""

from __future__ import annotations


def has_foreign_bytes(text: str) -> bool:
    """Whether some byte of the text was no UTF-8."""
    return not text.isascii() and any("\udc80" <= char <= "\udcff" for char in text)


def original_bytes(text: str) -> bytes:
    """The bytes as they stood in the file."""
    return text.encode("utf-8", "surrogateescape")


def as_western(text: str) -> str:
    """How Windows shows those bytes (CP1252), which is what the tables of legacy fonts go by; never fails."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in original_bytes(text))
