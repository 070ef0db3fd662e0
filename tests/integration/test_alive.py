"""The health check of a container."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gateway.cli.alive import is_well

ANSWERS = {"/livez": 200, "/readyz": 503}


class _Process(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(ANSWERS[self.path])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), _Process) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("LGSP_HTTP__PORT", str(server.server_port))
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_it_is_as_well_as_it_says(process: HTTPServer, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("LGSP_HTTP__HOST", host)
    assert is_well("livez")
    assert not is_well("readyz")


def test_nobody_there_is_not_well(process: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LGSP_HTTP__PORT", "1")
    assert not is_well("livez")
