"""Programs that come from a Debian package where they are missing: promtool, kcat, buildah."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Final

_INSTALL: Final = ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends")
_TIMEOUT_S: Final = 600


class ProgramUnavailable(RuntimeError):
    """The program is missing and cannot be installed; the message is the command that a person must run."""


def program(name: str, package: str) -> str:
    """The path of a program; its package is installed first if it is missing and we may. Raises ProgramUnavailable."""
    if (found := shutil.which(name)) is not None:
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ProgramUnavailable(f"{name} is missing; run: sudo apt-get install --no-install-recommends {package}")
    done = _apt(*_INSTALL, package)
    if done.returncode != 0:
        # A fresh machine has no lists of packages yet.
        _apt("apt-get", "update", "--quiet")
        done = _apt(*_INSTALL, package)
    if (found := shutil.which(name)) is None:
        raise ProgramUnavailable(f"{name} is missing, and apt-get install {package} said: {done.stderr.strip()[-300:]}")
    return found


def _apt(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=_TIMEOUT_S, env=environment)
