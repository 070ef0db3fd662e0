"""The HTTP door of a gateway process whose targets are not there: what it answers is all that matters here."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any, Final

import httpx

from contracts.forms import example
from ops.local.ports import free_port
from tests.journeys.programs import Program
from tests.journeys.town import GATEWAY

PURPOSE: Final = {"LGSP-Purpose": "trial", "LGSP-Purpose-Reference": "tests"}
TOKEN: Final = "token-of-the-api-tests"
PROBLEM: Final = "application/problem+json"
PROBLEM_MEMBERS: Final = frozenset({"type", "title", "status", "code", "side", "detail", "fields", "id"})
ANSWER_BYTES_MAX: Final = 10_000
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_NOBODY: Final = "http://127.0.0.1:9"
_SECRETS: Final = (
    "PLATFORM__ACCESS_KEY",
    "PLATFORM__SECRET_KEY",
    "VERIFICATION__OFFICER_NUMBER",
    "VERIFICATION__OFFICER_KEY_NAME",
    "VERIFICATION__OFFICER_KEY_PASS",
)


class ApiDoor:
    """Requests to one gateway, and what must hold of every answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pid = 0
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en", **PURPOSE},
            timeout=30,
            trust_env=False,
        )
        self._numbers = count(1)
        self._lock = threading.Lock()

    def entry(self, **fields: Any) -> dict[str, Any]:
        """An entry that is accepted, about somebody new; `fields` are laid over."""
        with self._lock:
            number = f"012090{next(self._numbers):06d}"
        made = deepcopy(dict(example("tt11_mau03")))
        made.pop("key", None)
        made["fields"] = {
            **made["fields"],
            "so_dinh_danh": number,
            "gioi_tinh": "1",
            "ngay_sinh": "1990-05-12",
            **fields,
        }
        for other in ("so_cmnd", "ma_so_bhxh"):
            made["fields"].pop(other, None)
        return made

    def post(self, body: bytes, path: str = "/v1/entries", **headers: str) -> httpx.Response:
        """Raw bytes as JSON."""
        return self.http.post(path, content=body, headers={"Content-Type": "application/json", **headers})

    def memory_bytes(self) -> int:
        """What the gateway's process holds resident."""
        return int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]) * _PAGE_BYTES

    def raw(
        self, request: bytes, *, body: Iterable[bytes] = (), within_s: float = 10.0, hang_up: bool = False
    ) -> bytes:
        """Bytes on a socket of our own; the answer, whole or until the connection ends. `hang_up`: we end it first."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=within_s) as connection:
            connection.sendall(request)
            try:
                for part in body:
                    connection.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                pass  # answered before everything was sent, as it should be
            answer = b""
            try:
                while not _complete(answer) and (part := connection.recv(65_536)):
                    answer += part
            except ConnectionResetError:
                pass
            except TimeoutError:
                assert hang_up, "no answer in time"
            return answer


def _complete(answer: bytes) -> bool:
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return False


def check_problem(answer: httpx.Response, status: int | None = None, code: str | None = None) -> dict[str, Any]:
    """A problem document that names rule, field and remedy, and nothing of our inside; answers it."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"].startswith(PROBLEM), answer.text[:300]
    assert len(answer.content) < ANSWER_BYTES_MAX
    body: dict[str, Any] = answer.json()
    check_problem_body(body)
    assert body["status"] == answer.status_code
    if status is not None:
        assert (answer.status_code, body["code"]) == (status, code), body
    return body


def check_problem_body(body: Mapping[str, Any]) -> None:
    """The members of a problem."""
    assert body.keys() >= PROBLEM_MEMBERS
    assert body["code"] != "internal"
    assert body["title"]
    assert body["detail"]
    assert all(isinstance(field, str) and len(field) <= 200 for field in body["fields"])
    assert "Traceback" not in str(body)
    assert ".py" not in str(body)


def check_receipt(receipt: Mapping[str, Any]) -> None:
    """A receipt whose refusal, or each of whose findings, says what, where, and what to do."""
    if receipt["state"] == "refused":
        assert receipt["id"] is None
        check_problem_body(receipt["problem"])
        return
    assert receipt["state"] in {"accepted", "unchanged", "quarantined"}
    assert receipt["id"]
    for finding in receipt["findings"]:
        assert finding["rule"]
        assert finding["message"]
        assert finding["remedy"]


@contextmanager
def opened(folder: Path, database_url: str, **more: str) -> Iterator[ApiDoor]:
    """Serve until the block ends, then look whether anything went wrong inside."""
    port = free_port()
    environment = {
        "LGSP_DATABASE__URL": database_url,
        "LGSP_KEYS__FILE": str(folder / "keys.json"),
        "LGSP_HTTP__PORT": str(port),
        "LGSP_HTTP__TOKEN": TOKEN,
        "LGSP_HTTP__TOKEN_FILE": str(folder / "token"),
        "LGSP_VERIFICATION__ENABLED": "false",
        "LGSP_CAPTURE__ENABLED": "false",
        "LGSP_LOG__FORMAT": "json",
        "LGSP_PLATFORM__BASE_URL": _NOBODY,
        **{f"LGSP_{name}": "012080999999" for name in _SECRETS},
        **more,
    }
    program = Program("gateway", GATEWAY, folder, environment)
    door = ApiDoor(port)
    try:
        program.start(lambda: _ready(door))
        door.pid = program.pid
        yield door
    finally:
        door.http.close()
        program.end()
    said = program.log.read_text("utf-8", "replace")
    assert "Traceback" not in said, said[-2_000:]
    assert "request_failed" not in said, said[-2_000:]
    assert not any(private in said for private in ("012090", "012194", "LÒ THỊ MAI"))


def _ready(door: ApiDoor) -> bool:
    try:
        return door.http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
