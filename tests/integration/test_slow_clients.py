"""Requirement 21: who sends too slowly is hung up on, with a head, with a body, and on a connection used before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from gateway.api.impatience import WITHIN_S, Impatient

WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = {
    "nothing": (b"", b""),
    "a head that does not end": (b"GET / HTTP/1.1\r\nHost: x\r\nX-", b"a"),
    "a body that does not end": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", b"x"),
    "a head after a whole request": (WHOLE + b"GET / HTTP/1.1\r\nX-", b"a"),
}


class Short(Impatient):
    within_s = 1.0


async def _app(scope: Any, receive: Any, send: Any) -> None:
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    config = uvicorn.Config(_app, port=0, http=Short, lifespan="off", log_config=None, timeout_keep_alive=60)
    server = uvicorn.Server(config)
    config.load()
    listening = await asyncio.get_running_loop().create_server(
        lambda: Short(config=config, server_state=server.server_state, app_state={}), "127.0.0.1", 0
    )
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


@pytest.mark.parametrize("name", SLOW)
async def test_requirement_21_a_slow_client_is_hung_up_on_though_it_never_stops_sending(name: str) -> None:
    begun, drop = SLOW[name]
    async with serving() as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        ended = asyncio.create_task(_until_closed(reader))
        while not ended.done():
            if drop and not writer.is_closing():
                writer.write(drop)
            await asyncio.wait([ended], timeout=0.05)
        writer.close()


async def _until_closed(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(1_024):
            pass
    except ConnectionError:
        return


async def test_requirement_21_who_sends_whole_requests_keeps_the_connection() -> None:
    async with serving() as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(WHOLE)
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            # Longer than a slow request may take: between requests nobody is slow.
            await asyncio.sleep(Short.within_s * 1.2)
        writer.close()


def test_requirement_21_the_limit_is_thirty_seconds() -> None:
    assert WITHIN_S <= 30
