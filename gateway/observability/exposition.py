"""`/metrics` on a listener of its own, beside every role, so that the public door never shows it.

It answers in a thread of its own: a process whose event loop is stuck still says what it has counted.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

from gateway.observability.metrics import CONTENT_TYPE

PATH: Final = "/metrics"
_REQUEST_WITHIN_S: Final = 5


class _Answer(BaseHTTPRequestHandler):
    """GET and HEAD of one path."""

    timeout = _REQUEST_WITHIN_S
    server: _Server

    def do_GET(self) -> None:
        """The page."""
        if self.path.partition("?")[0] != PATH:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        page = self.server.page()
        self.send_response_only(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(page)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing: a scrape every few seconds is no news."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, page: Callable[[], bytes]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.page = page
        super().__init__((host, port), _Answer)

    def server_bind(self) -> None:
        """Without the base's look-up of this machine's full name, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)

    def handle_error(self, *_: object) -> None:
        """Whoever scrapes may hang up; there is nobody to tell."""


class Exposed:
    """Listens from the moment it is made; serves `page` at http://host:port/metrics while its block runs."""

    def __init__(self, host: str, port: int, page: Callable[[], bytes]) -> None:
        """Raises OSError when the address is taken, or is none of this machine's."""
        self._server = _Server(host, port, page)
        self._thread = Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
