"""A sender with a file of many rows: chunks over several connections, and a note of every receipt that came back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import httpx
import orjson

_TRY_AGAIN_S: Final = 0.2
_GIVE_UP_AFTER_S: Final = 120.0

Receipt = dict[str, Any]


class Sender:
    """Sends a .jsonl file. A chunk without an answer is noted as unknown, and is simply sent again another time."""

    def __init__(self, url: str, token: str, *, rows_per_chunk: int = 200, connections: int = 2) -> None:
        self._rows_per_chunk = rows_per_chunk
        self._connections = connections
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
        )
        self._lock = threading.Lock()
        self.receipts: dict[str, Receipt] = {}
        """By the row's key: the receipt last given."""
        self.changed: list[str] = []
        """Keys whose receipt was another one the second time: must stay empty."""
        self.unknown = 0
        """Chunks that were sent and never answered."""

    def send(self, file: Path, *, persist: bool = True) -> None:
        """The whole file, from its first row. Without `persist` the first failure ends it: the gateway is gone."""
        with file.open("rb") as lines, ThreadPoolExecutor(self._connections) as connections:
            for done in [connections.submit(self._work, lines, persist) for _ in range(self._connections)]:
                done.result()

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def _work(self, lines: IO[bytes], persist: bool) -> None:
        while chunk := self._next(lines):
            if not self._send(chunk, persist):
                return

    def _next(self, lines: IO[bytes]) -> list[bytes]:
        with self._lock:
            return list(islice(lines, self._rows_per_chunk))

    def _send(self, chunk: list[bytes], persist: bool) -> bool:
        body = b'{"entries":[' + b",".join(chunk) + b"]}"
        for answer in self._answers(body):
            if answer is not None:
                self._note(answer.json()["receipts"])
                return True
            with self._lock:
                self.unknown += 1
            if not persist:
                return False
        raise AssertionError(f"no answer for {_GIVE_UP_AFTER_S} s")

    def _answers(self, body: bytes) -> Iterator[httpx.Response | None]:
        deadline_s = time.monotonic() + _GIVE_UP_AFTER_S
        while time.monotonic() < deadline_s:
            try:
                answer = self._http.post("/v1/entries", content=body, headers={"Content-Type": "application/json"})
            except httpx.TransportError:
                yield None
            else:
                if answer.status_code != 503:
                    assert answer.status_code == 200, answer.text
                    yield answer
            time.sleep(_TRY_AGAIN_S)

    def _note(self, receipts: list[Receipt]) -> None:
        with self._lock:
            for receipt in receipts:
                earlier = self.receipts.setdefault(receipt["key"], receipt)
                if earlier != receipt:
                    self.changed.append(receipt["key"])


def count_rows(file: Path) -> int:
    """Rows of a .jsonl file; each must name a key of its own."""
    with file.open("rb") as lines:
        keys = [orjson.loads(line)["key"] for line in lines]
    assert len(keys) == len(set(keys))
    return len(keys)
