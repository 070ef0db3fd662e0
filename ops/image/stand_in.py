"""A base image for machines that reach no image registry: Debian 12, whose own Python is 3.11, by debootstrap."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Final

from ops.image.builders import Buildah, Builder, BuildFailed
from ops.local.debian import program

NAME: Final = "localhost/lgsp-stand-in:debian-12-python-3.11"
_SUITE: Final = "bookworm"
_PACKAGES: Final = "python3,python3-venv,ca-certificates"
_TIMEOUT_S: Final = 900


def make_stand_in(builder: Builder) -> str:
    """Make it if it is not there; answers its name. Raises BuildFailed, ProgramUnavailable."""
    if not isinstance(builder, Buildah):
        raise BuildFailed("the base image cannot be pulled, and only buildah can import one that is made here")
    with tempfile.TemporaryDirectory(prefix="lgsp-stand-in-") as scratch:
        root = Path(scratch) / "root"
        command = [
            program("debootstrap", "debootstrap"),
            "--variant=minbase",
            f"--include={_PACKAGES}",
            _SUITE,
            str(root),
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_TIMEOUT_S)
        if done.returncode != 0:
            raise BuildFailed(f"debootstrap: {done.stdout.strip()[-500:]} {done.stderr.strip()[-500:]}")
        builder.import_root(root, NAME)
    return NAME
