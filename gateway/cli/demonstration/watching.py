"""The gateway as the story watches it: over HTTP like any client, and waiting until everything has come to rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import httpx

_MOVING: Final = frozenset({"due", "sending", "unknown"})
_PAGE: Final = 500
_SECOND_LOOK_S: Final = 1.5


class NotInTime(Exception):
    """Something expected did not come; the message says what was still going on."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(what)
        self.what = what
        self.seconds = seconds


class Watcher:
    """A client of the gateway's API."""

    def __init__(self, url: str, token: str, language: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=60.0)

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def get(self, path: str, **query: object) -> dict[str, Any]:
        """An answer's JSON. Raises httpx.HTTPStatusError."""
        answer = self._client.get(path, params={name: str(value) for name, value in query.items()})
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def post(self, path: str, body: object) -> dict[str, Any]:
        """The same for a body."""
        answer = self._client.post(path, json=body)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said

    def workers(self) -> Iterator[str]:
        """Every worker id, in the order in which they became known."""
        seen: set[str] = set()
        after = 0
        while True:
            page = self.get("/v1/events", after=after, limit=_PAGE)
            for item in page["items"]:
                subject = item["event"]["subject"]
                if subject not in seen:
                    seen.add(subject)
                    yield subject
            if not page["items"]:
                return
            after = page["next"]

    def worker(self, worker_id: str) -> dict[str, Any]:
        """A record with identity: the demonstration's people are invented."""
        return self.get(f"/v1/workers/{worker_id}", reveal="true", purpose="trial", purpose_reference="lgsp run")

    def at_rest(self) -> bool:
        """Nothing pending, nothing asked, nothing to send; looked at twice: a change travels between looks."""
        if self.moving():
            return False
        time.sleep(_SECOND_LOOK_S)
        return not self.moving()

    def moving(self) -> str:
        """What is still going on; empty when nothing is."""
        status = self.get("/v1/status")
        rows = status["targets"]["rows"]
        waiting = {_row_words(row) for row in rows if row["state"] in _MOVING}
        if status["relay"]["pending"]:
            waiting.add(f"relay: {status['relay']['pending']}")
        if status["verification"]["people"]["waiting"]:
            waiting.add(f"verification: {status['verification']['people']['waiting']}")
        return ", ".join(sorted(waiting))

    def waiting_for(self, target: str) -> int:
        """People whose record a target does not hold yet as it stands."""
        rows = self.get("/v1/status")["targets"]["rows"]
        return sum(row["people"] for row in rows if row["target"] == target and row["state"] in _MOVING)


def _row_words(row: Mapping[str, Any]) -> str:
    """`labour_market: 12 (platform_unavailable)`: the count, and why they wait if the status knows."""
    cause = f" ({row['cause']})" if row.get("cause") else ""
    return f"{row['target']}: {row['people']}{cause}"


def until(reached: Callable[[], object], seconds: float, what: Callable[[], str]) -> float:
    """Wait for a condition; answers how long it took. Raises NotInTime."""
    started = time.monotonic()
    while not reached():
        if time.monotonic() - started > seconds:
            raise NotInTime(what(), seconds)
        time.sleep(0.1)
    return time.monotonic() - started
