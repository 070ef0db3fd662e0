"""Waiting for a socket, where the caller runs: others go on meanwhile on an event loop, and nobody in a worker thread.

What is written once as a coroutine then serves both: a room's own loop awaits it, a worker thread runs it `at_once`.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Coroutine
from typing import Any, TypeVar

_Answer = TypeVar("_Answer")


def at_once(steps: Coroutine[Any, Any, _Answer]) -> _Answer:
    """Run a coroutine in a thread that has no event loop: what it waits for, the thread waits for."""
    try:
        steps.send(None)
    except StopIteration as ended:
        answer: _Answer = ended.value
        return answer
    steps.close()
    raise AssertionError("only sockets are waited for, and without an event loop that does not suspend")


async def until_ready(socket: int, *, writable: bool, timeout_s: float) -> None:
    """Until there is something to read, or with `writable` also room to write. Raises TimeoutError."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        _poll(socket, writable, timeout_s)
        return
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(socket, _set, ready)
    if writable:
        loop.add_writer(socket, _set, ready)
    late = loop.call_later(timeout_s, _fail, ready)
    try:
        await ready
    finally:
        late.cancel()
        loop.remove_reader(socket)
        if writable:
            loop.remove_writer(socket)


def _poll(socket: int, writable: bool, timeout_s: float) -> None:
    waiting = select.poll()
    waiting.register(socket, select.POLLIN | (select.POLLOUT if writable else 0))
    if not waiting.poll(timeout_s * 1_000):
        raise TimeoutError


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _fail(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_exception(TimeoutError())
