"""Open-loop load: each request leaves at its scheduled instant, whether or not earlier ones were answered.

`python -m ops.bench.open_loop` reads an `Open` as JSON from standard input and writes what became of each request.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any

import uvloop

START_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Open:
    """Bodies for POST /v1/entries, one per instant (seconds from the start), spread over the ports in turn."""

    ports: tuple[int, ...]
    token: str
    at_s: tuple[float, ...]
    bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """One request. Instants by the machine's wall clock, seconds since 1970; `worker_id` of the receipt."""

    scheduled_at: float
    answered_at: float
    status: int
    worker_id: str | None
    version: int | None


class _Lines:
    """Connections to one port, as many as requests are under way at once; each is used again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        while self._free:
            try:
                return await self._over(self._free.pop(), request)
            except (asyncio.IncompleteReadError, ConnectionError):
                continue  # the server closes what lies unused for five seconds; the same again is the same entry
        return await self._over(await asyncio.open_connection("127.0.0.1", self._port), request)

    async def _over(self, line: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes) -> tuple[int, bytes]:
        reader, writer = line
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r")[0])
        body = await reader.readexactly(length)
        self._free.append(line)
        return int(head[9:12]), body


async def run(given: Open) -> list[Sent]:
    """Send everything; answers in the order of the schedule."""
    lines = [_Lines(port) for port in given.ports]
    begun = time.time() + START_AFTER_S
    requests = [_request(given.token, body.encode()) for body in given.bodies]
    asked = zip(cycle(lines), requests, given.at_s, strict=False)
    return await asyncio.gather(*(_send(line, request, begun + at_s) for line, request, at_s in asked))


async def _send(lines: _Lines, request: bytes, scheduled_at: float) -> Sent:
    await asyncio.sleep(scheduled_at - time.time())
    status, body = await lines.ask(request)
    answered_at = time.time()
    receipt: dict[str, Any] = json.loads(body)
    return Sent(scheduled_at, answered_at, status, receipt.get("worker_id"), receipt.get("version"))


def _request(token: str, body: bytes) -> bytes:
    head = (
        "POST /v1/entries HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def as_json(given: Open) -> str:
    """What `main` reads."""
    return json.dumps(asdict(given))


def heard(said: bytes) -> Sequence[Sent]:
    """What `main` wrote."""
    return [Sent(**one) for one in json.loads(said)]


def main() -> None:
    """See the module."""
    given = json.load(sys.stdin)
    order = Open(tuple(given["ports"]), given["token"], tuple(given["at_s"]), tuple(given["bodies"]))
    json.dump([asdict(one) for one in uvloop.run(run(order))], sys.stdout)


if __name__ == "__main__":
    main()
