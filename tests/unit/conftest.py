"""Unit tests reach for nothing outside their process."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest


class SocketsAreClosed(AssertionError):
    """A unit test tried to open a connection: what it tests does input or output, so it is an integration test."""


@pytest.fixture(autouse=True)
def _closed_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_options: Any) -> NoReturn:
        raise SocketsAreClosed("unit tests open no connection; use a fake, or move this test to tests/integration")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
