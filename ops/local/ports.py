"""Ports of this machine that are free now."""

from __future__ import annotations

import secrets
import socket
import threading
from typing import Final

_FIRST: Final = 20_000
_LAST: Final = 32_000
"""Below the ports that Linux lends to outgoing connections (32768 and up): between the choice and whoever listens at
last, a busy machine would lend one of those to somebody else, and for as long as his connection lasts."""
_given: set[int] = set()
_lock = threading.Lock()


def free_port() -> int:
    """A loopback TCP port that nobody listens on, and that this process was not given before."""
    with _lock:
        while len(_given) < _LAST - _FIRST:
            port = _FIRST + secrets.randbelow(_LAST - _FIRST)
            if port not in _given and is_free(port):
                _given.add(port)
                return port
    raise RuntimeError("no port is free")


def is_free(port: int) -> bool:
    """Whether somebody could listen on this port of loopback now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
