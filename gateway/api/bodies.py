"""Reading request bodies within limits, and writing JSON answers."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway.api.strict_json import read_json
from gateway.errors import Busy, ContractViolated


class BodyReader:
    """Reads a body up to a size and within a time; chunked bodies are counted as they come."""

    def __init__(self, bytes_max: int, timeout_s: float) -> None:
        self._bytes_max = bytes_max
        self._timeout_s = timeout_s

    async def json(self, request: Request) -> Any:
        """The body's JSON value. Raises ContractViolated."""
        media_type = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
        if media_type not in ("application/json", "") and not media_type.endswith("+json"):
            raise ContractViolated("unsupported-media-type", ("Content-Type",))
        return read_json(await self.raw(request))

    async def raw(self, request: Request) -> bytes:
        """The body's bytes. Raises ContractViolated, Busy."""
        if request.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
            # Nothing is unpacked at this door, so nothing can unpack to more than was sent.
            raise ContractViolated("unsupported-media-type", ("Content-Encoding",))
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._bytes_max:
            raise ContractViolated("body-too-large", (str(self._bytes_max),))
        if declared.isdigit() and request.scope.get("http_version") == "1.1" and int(declared) <= 65_536:
            return await self._whole(request)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._counted(request)
        except TimeoutError:
            raise ContractViolated("body-not-json", ("timeout",)) from None

    async def _whole(self, request: Request) -> bytes:
        # A small body with a declared length is usually here already: no timer, no counting.
        try:
            async with asyncio.timeout(self._timeout_s):
                return await request.body()
        except (TimeoutError, ClientDisconnect):
            raise ContractViolated("body-not-json", ("timeout",)) from None

    async def _counted(self, request: Request) -> bytes:
        parts: list[bytes] = []
        size = 0
        try:
            async for part in request.stream():
                size += len(part)
                if size > self._bytes_max:
                    raise ContractViolated("body-too-large", (str(self._bytes_max),))
                parts.append(part)
        except ClientDisconnect:
            raise Busy("busy") from None
        return b"".join(parts)


def json_response(value: object, status: int = 200) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(
        orjson.dumps(value),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )
