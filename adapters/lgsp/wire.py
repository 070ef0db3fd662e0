"""Bytes to and from the network: size-capped answers, read strictly as JSON."""

from __future__ import annotations

from typing import cast

import httpx
import orjson

from adapters.lgsp.faults import not_an_answer
from contracts.canonical import JsonObject

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
    return cast(JsonObject, answer)


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
