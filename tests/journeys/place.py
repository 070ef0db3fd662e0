"""A place where a gateway and the simulated systems run: what a test may ask of it, whoever started it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

from tests.journeys.programs import LOOK_AGAIN_S

SYSTEMS: Final = ("population", "social_insurance", "labour_market")
FEEDS: Final = {"population": "LayThayDoi", "social_insurance": "layThayDoi", "labour_market": "thay-doi"}
WRITES: Final = {
    "population": "CapNhatThongTinLaoDong",
    "social_insurance": "capNhatThongTinNguoiLaoDong",
    "labour_market": "nguoi-lao-dong",
}
AT_REST: Final = frozenset({"settled", "waiting_for_identity", "parked", "not_concerned"})
PURPOSE: Final = {"LGSP-Purpose": "trial", "LGSP-Purpose-Reference": "tests"}
_Found = TypeVar("_Found")


class Place:
    """`ready` is what the simulated systems wrote when they were up; it must be set before they are asked."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        self.folder = folder
        self.url = url
        self.ready: dict[str, Any] = {}
        self.http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}", **PURPOSE}, timeout=60, trust_env=False
        )
        self._mock_http = httpx.Client(timeout=30, trust_env=False)

    def close(self) -> None:
        """Give back the connections."""
        self.http.close()
        self._mock_http.close()

    def last_words(self) -> str:
        """For the message of a test that waited in vain."""
        return ""

    # The doors.

    def submit(self, entry: Mapping[str, Any], **headers: str) -> httpx.Response:
        """POST /v1/entries."""
        return self.http.post("/v1/entries", json=entry, headers={"Accept-Language": "en", **headers})

    def accept(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Submit an entry that must be accepted; its receipt."""
        answer = self.submit(entry)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def get(self, path: str, **query: object) -> Any:
        """A page that must answer 200."""
        answer = self.http.get(path, params={name: str(value) for name, value in query.items()})
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    def everything(self, path: str, **query: object) -> list[dict[str, Any]]:
        """All pages of a list."""
        items: list[dict[str, Any]] = []
        after: dict[str, object] = {}
        while True:
            page = self.get(path, **query, **after, limit=500)
            items += page["items"]
            if not page["items"] or page["next"] is None or page["next"] == after.get("after"):
                return items
            after = {"after": page["next"]}

    def targets(self, worker_id: str) -> dict[str, dict[str, Any]]:
        """A person's state per target."""
        return {one["target"]: one for one in self.get(f"/v1/workers/{worker_id}")["targets"]}

    # The street.

    def mock(self, system: str, method: str, path: str, body: object = None) -> Any:
        """A page for people of a simulated system."""
        answer = self._mock_http.request(method, f"{self.ready[system]}/_mock/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def held(self, system: str, number: str) -> dict[str, Any] | None:
        """What a system holds of a person, in its own words."""
        found: dict[str, Any] | None = self.mock(system, "GET", f"people/{number}")["held"]
        return found

    def writes(self, system: str, number: str) -> list[dict[str, Any]]:
        """Calls that wrote this person, newest first."""
        found: list[dict[str, Any]] = self.mock(
            system, "GET", f"journal?operation={WRITES[system]}&person={number}&limit=1000"
        )["calls"]
        return found

    def fault(self, system: str, kind: str, **how: object) -> None:
        """Put a fault in force."""
        self.mock(system, "POST", "faults", {"kind": kind, **how})

    def heal(self) -> None:
        """All faults end."""
        for system in (*SYSTEMS, "platform"):
            self.mock(system, "DELETE", "faults")

    # Waiting for what must come about.

    def until(self, found: Callable[[], _Found], what: str, within_s: float = 30.0) -> _Found:
        """Look until something is found. Fails with `what` when it never comes."""
        deadline_s = time.monotonic() + within_s
        while not (value := found()):
            if time.monotonic() > deadline_s:
                raise AssertionError(f"never came about within {within_s} s: {what}\n{self.last_words()}")
            time.sleep(LOOK_AGAIN_S)
        return value

    def until_settled(self, worker_id: str, within_s: float = 30.0) -> None:
        """All three systems hold the person's record as it stands."""

        def settled() -> bool:
            states = self.targets(worker_id)
            return len(states) == len(SYSTEMS) and all(one["state"] == "settled" for one in states.values())

        self.until(settled, f"settled everywhere: {worker_id}", within_s)

    def until_rest(self, within_s: float = 60.0) -> None:
        """Nothing is under way: every event published, sent and heard, every question answered, all feeds read."""

        def quiet() -> bool:
            return self.resting() and self._feeds_read() and self.resting()

        self.until(quiet, "rest", within_s)

    def resting(self) -> bool:
        """Nothing that we know of is to be done."""
        status = self.get("/v1/status")
        rows = {one["state"] for one in status["targets"]["rows"]}
        waiting = status["verification"]["people"]
        asked = waiting.get("waiting", 0) + waiting.get("no_answer", 0)
        return status["relay"]["pending"] == 0 and rows <= AT_REST and asked == 0

    def _feeds_read(self) -> bool:
        """Each feed was asked, after now, and had nothing more to tell."""
        asked = {system: self._feed_calls(system) for system in SYSTEMS}
        self.until(
            lambda: all(self._feed_calls(system) >= asked[system] + 2 for system in SYSTEMS), "feeds polled", 30.0
        )
        return all(self._feed_answers(system)[0]["outcome"] == "0 rows" for system in SYSTEMS)

    def _feed_calls(self, system: str) -> int:
        counts = self.mock(system, "GET", "journal?limit=1")["counts"]
        return sum(counts.get(FEEDS[system], {}).values())

    def _feed_answers(self, system: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.mock(system, "GET", f"journal?operation={FEEDS[system]}&limit=2")["calls"]
        return found

    def _answers_ready(self) -> bool:
        try:
            return self.http.get("/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False
