from __future__ import annotations

import socket

import pytest

from tests.unit.conftest import SocketsAreClosed


def test_a_unit_test_cannot_connect_to_an_address() -> None:
    with socket.socket() as probe, pytest.raises(SocketsAreClosed):
        probe.connect(("127.0.0.1", 9))


def test_a_unit_test_cannot_look_up_a_name() -> None:
    with pytest.raises(SocketsAreClosed):
        socket.getaddrinfo("localhost", 80)
