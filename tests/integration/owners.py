"""Whether a server that another process owns is gone together with it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

GONE_TIMEOUT_S = 20.0


def is_alive(pid: int) -> bool:
    """A process that is not even a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def assert_gone_with_its_owner(program: str) -> None:
    """Run a program that starts a server and prints its pid and folder; kill it, and wait for both to be gone."""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        pid, directory = owner.stdout.readline().split()
        assert is_alive(int(pid))
        owner.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + GONE_TIMEOUT_S
        while is_alive(int(pid)) or Path(directory).exists():
            assert time.monotonic() < deadline, "the server, or its data, outlived its owner"
            time.sleep(0.05)
