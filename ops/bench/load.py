"""The load: keep-alive connections that send prepared bodies and time each answer, in a process of their own.

It speaks just enough HTTP/1.1 for our servers (status line, Content-Length) on asyncio's protocol level, so that a core
is left to the server: the usual clients take longer over a request than the endpoint takes to answer it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, cast

import uvloop

from ops.bench import people

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


@dataclass(frozen=True, slots=True)
class Load:
    """What to send. `kind`: entries | batches | reads; `first` and `count` choose entries, `paths` what is read.

    `authorizations`: header lines that say who calls, a block for each request in turn; without them the token does.
    """

    port: int
    token: str
    kind: str
    first: int
    count: int
    clients: int
    seconds_max: float
    paths: tuple[str, ...] = ()
    authorizations: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What came back. Milliseconds per answer; answers by HTTP status and by a receipt's state."""

    elapsed_s: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, object]:
        """Rates and percentiles, for the process that asked."""
        cuts = statistics.quantiles(self.latencies_ms, n=100) if len(self.latencies_ms) > 1 else [0.0] * 99
        return {
            "answers": len(self.latencies_ms),
            "elapsed_s": self.elapsed_s,
            "per_s": len(self.latencies_ms) / self.elapsed_s,
            "p50_ms": cuts[49],
            "p99_ms": cuts[98],
            "statuses": dict(self.statuses),
            "samples": self.samples,
        }


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], tally: Tally, over: Callable[[], bool]) -> None:
        self._requests = requests
        self._tally = tally
        self._over = over
        self._received = b""
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        head = self._received.find(_HEAD_END)
        if head < 0 or len(self._received) < head + len(_HEAD_END) + _content_length(self._received[:head]):
            return
        self._tally.latencies_ms.append((time.perf_counter() - self._sent_at) * 1_000)
        status = self._received[9:12].decode()
        self._tally.statuses[status] += 1
        if self._tally.statuses[status] == 1:
            self._tally.samples.append(self._received[head + len(_HEAD_END) :][:2_000].decode("utf-8", "replace"))
        self._received = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError("the server closed the connection"))

    def _send(self) -> None:
        request = None if self._over() else next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


def _content_length(head: bytes) -> int:
    lower = head.lower()
    at = lower.index(_LENGTH) + len(_LENGTH)
    return int(lower[at:].split(b"\r", 1)[0])


def _requests(load: Load) -> Iterator[bytes]:
    if load.kind == "reads":
        who = f"Authorization: Bearer {load.token}\r\n"
        heads = [f"GET {path} HTTP/1.1\r\n{_headers(load.port, who)}\r\n".encode() for path in load.paths]
        return itertools.islice(itertools.cycle(heads), load.count)
    bodies = people.batches if load.kind == "batches" else people.bodies
    blocks = load.authorizations or (f"Authorization: Bearer {load.token}\r\n",)
    starts = itertools.cycle([_start(load.port, one) for one in blocks])
    made = zip(starts, bodies(load.first, load.count), strict=False)
    return (start + str(len(body)).encode() + _HEAD_END + body for start, body in made)


def _start(port: int, who: str) -> bytes:
    head = f"POST /v1/entries HTTP/1.1\r\n{_headers(port, who)}Content-Type: application/json\r\nContent-Length: "
    return head.encode()


def _headers(port: int, who: str) -> str:
    purpose = "LGSP-Purpose: trial\r\nLGSP-Purpose-Reference: bench\r\n"
    return f"Host: 127.0.0.1:{port}\r\n{who}Accept-Language: vi\r\n{purpose}"


async def run(load: Load, prepared: Sequence[bytes] | None) -> Tally:
    """Send until the requests or the seconds are used up. `prepared`: requests made beforehand."""
    tally = Tally()
    requests = iter(prepared) if prepared is not None else _requests(load)
    begun = time.perf_counter()
    loop = asyncio.get_running_loop()

    def over() -> bool:
        return time.perf_counter() - begun > load.seconds_max

    connections = [_Connection(requests, tally, over) for _ in range(load.clients)]
    for connection in connections:
        await loop.create_connection(lambda made=connection: made, "127.0.0.1", load.port)  # type: ignore[misc]  # mypy knows no default arguments of a lambda
    await asyncio.gather(*(connection.done for connection in connections))
    tally.elapsed_s = time.perf_counter() - begun
    return tally


def main() -> None:
    """Read a Load as JSON from standard input, write its Tally's summary to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stream", action="store_true", help="make bodies while sending: for loads too big to hold")
    given = parser.parse_args()
    asked = json.load(sys.stdin)
    load = Load(**{**asked, "paths": tuple(asked["paths"]), "authorizations": tuple(asked["authorizations"])})
    prepared = None if given.stream else list(_requests(load))
    json.dump(uvloop.run(run(load, prepared)).summary(), sys.stdout)


def as_json(load: Load) -> str:
    """What `main` reads."""
    return json.dumps(asdict(load))


if __name__ == "__main__":
    main()
