"""The callers of the demonstration: an agency, an officer of a commune and one of the province, and what each sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from gateway.cli.demonstration.watching import Watcher

AGENCY: Final = {"code": "H35.1", "name": "Công an tỉnh (giả lập)"}
PROVINCE: Final = "12"
NAMES: Final = ("can-bo-xa", "can-bo-tinh")
"""The officer of a commune, and the one of the province."""
_PURPOSE: Final = {"purpose": "trial", "purpose_reference": "lgsp run"}


@dataclass(frozen=True, slots=True)
class View:
    """What one caller sees of the same two people."""

    unit: str
    role: str
    own: str
    """Answer about the commune's person: shown, or the code of the refusal."""
    other: str
    """The same about somebody of another commune."""
    events: str
    revealed: bool
    """Whether the own person's name was shown in clear where that was asked for."""


def make(watcher: Watcher, name: str, unit: str, role: str) -> str:
    """A person with a key, which is answered. On the first day the installation's own token may do so alone."""
    watcher.post("/v1/agencies", AGENCY)
    rights = {"name": name, "kind": "person", "agency": AGENCY["code"], "unit": unit, "role": role}
    watcher.post("/v1/callers", rights)
    return str(watcher.post(f"/v1/callers/{name}/keys", {})["secret"])


def look(url: str, key: str, language: str, own: dict[str, Any], other: dict[str, Any]) -> View:
    """Ask as this caller for both records, and for the event stream."""
    with _client(url, key, language) as client:
        said = client.get("/v1/whoami").json()
        mine = client.get(f"/v1/workers/{own['worker_id']}", params={"reveal": "true", **_PURPOSE})
        theirs = client.get(f"/v1/workers/{other['worker_id']}", params=_PURPOSE)
        stream = client.get("/v1/events", params={"limit": 1})
        name = mine.json().get("groups", {}).get("basic", {}).get("values", {}).get("full_name")
        revealed = name is not None and name == own["groups"]["basic"]["values"]["full_name"]
        return View(said["unit"], said["role"], _told(mine), _told(theirs), _told(stream), revealed)


@contextmanager
def _client(url: str, key: str, language: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
    with httpx.Client(base_url=url, headers=headers, timeout=60.0) as client:
        yield client


def _told(answer: httpx.Response) -> str:
    return "shown" if answer.status_code == 200 else str(answer.json().get("code", answer.status_code))
