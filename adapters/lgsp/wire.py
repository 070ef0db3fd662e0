"""Bytes to and from the network: size-capped answers, read strictly as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

import httpx
import orjson

from adapters.lgsp.faults import not_an_answer
from contracts.canonical import JsonObject

DEPTH_MAX: Final = 32
"""Containers inside each other. The deepest message that any system is known to send has seven."""
_BOM = b"\xef\xbb\xbf"


def bare(body: bytes) -> bytes:
    """Without a byte-order mark and the white space that some services send before their answer."""
    return body.strip().removeprefix(_BOM).lstrip()


def read_json(body: bytes) -> JsonObject:
    """A JSON object in UTF-8; anything else is no answer (TryLater)."""
    text = bare(body)
    try:
        answer = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise not_an_answer("HTML or XML" if text.startswith(b"<") else "not JSON in UTF-8") from None
    if not isinstance(answer, dict):
        raise not_an_answer("not a JSON object")
    _must_be_flat(answer)
    return cast(JsonObject, answer)


def _must_be_flat(answer: object) -> None:
    """Level by level, since a deep answer would else end the recursion of whoever reads it."""
    level = [answer]
    for _ in range(DEPTH_MAX):
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, dict | list)]
        if not level:
            return
    raise not_an_answer(f"deeper than {DEPTH_MAX}")


def _inside(container: object) -> Iterable[object]:
    if isinstance(container, dict):
        return container.values()
    assert isinstance(container, list), "only containers are looked into"
    return container


async def read_capped(response: httpx.Response, bytes_max: int) -> bytes:
    """The body, or TryLater as soon as it grows beyond the cap. Compressed answers were not asked for."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise not_an_answer("compressed unasked")
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > bytes_max:
            raise not_an_answer(f"more than {bytes_max} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
