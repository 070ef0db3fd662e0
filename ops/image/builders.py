"""The two builders behind one interface: Docker's engine, and buildah without one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from ops.local.debian import program

_BUILD_TIMEOUT_S: Final = 1_800
_PULL_TIMEOUT_S: Final = 300
_RUN_TIMEOUT_S: Final = 120
_BASE: Final = re.compile(r"^ARG BASE=(\S+)$", re.MULTILINE)
# A mirror of packages that this machine is told to use is used inside the build as well; nothing of it stays.
_PASSED_ON: Final = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")


class BuildFailed(RuntimeError):
    """A step failed; the message is the end of what the builder said."""


class Builder(Protocol):
    """What `python -m ops.image` needs of one."""

    name: str

    def pull(self, image: str) -> bool:
        """Whether the image is here afterwards."""

    def build(self, folder: Path, tag: str, base: str) -> None:
        """Build a folder's Dockerfile. Raises BuildFailed."""

    def size_bytes(self, tag: str) -> int:
        """Of the image, unpacked."""

    def run(self, tag: str, *command: str) -> str:
        """What a command in the image writes, run as the image's own user. Raises BuildFailed."""


def base_of(dockerfile: Path) -> str:
    """The base image that a Dockerfile pins."""
    found = _BASE.search(dockerfile.read_text("utf-8"))
    assert found is not None, "the Dockerfile names its base once, as ARG BASE"
    return found[1]


class Docker:
    """Docker, where an engine answers."""

    name = "docker"

    @staticmethod
    def answers() -> bool:
        """Whether there is an engine."""
        try:
            return _call(["docker", "info"], timeout_s=20).returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            return False

    def pull(self, image: str) -> bool:
        """Whether the image is here afterwards."""
        return _call(["docker", "pull", "--quiet", image], timeout_s=_PULL_TIMEOUT_S).returncode == 0

    def build(self, folder: Path, tag: str, base: str) -> None:
        """Build a folder's Dockerfile. Raises BuildFailed."""
        _must(["docker", "build", "--build-arg", f"BASE={base}", "--tag", tag, str(folder)], _BUILD_TIMEOUT_S)

    def size_bytes(self, tag: str) -> int:
        """Of the image, unpacked."""
        return int(_must(["docker", "image", "inspect", "--format", "{{.Size}}", tag]))

    def run(self, tag: str, *command: str) -> str:
        """With a root that cannot be written. Raises BuildFailed."""
        shut = ["--read-only", "--tmpfs", "/tmp", "--tmpfs", "/var/lib/lgsp", "--network", "none"]  # noqa: S108 - inside
        entry = ["--entrypoint", command[0], tag, *command[1:]]
        return _must(["docker", "run", "--rm", "--cap-drop", "ALL", *shut, *entry], accept=_DOCTORS_WARNINGS)


class Buildah:
    """buildah, which needs no engine. Its plain `chroot` isolation cannot shut the root against writing."""

    name = "buildah, without an engine"

    def __init__(self) -> None:
        """Raises ProgramUnavailable."""
        self._program = program("buildah", "buildah")
        self._environment = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}

    def pull(self, image: str) -> bool:
        """Whether the image is here afterwards."""
        done = _call([self._program, "pull", "--quiet", image], _PULL_TIMEOUT_S, self._environment)
        return done.returncode == 0

    def build(self, folder: Path, tag: str, base: str) -> None:
        """Build a folder's Dockerfile. Raises BuildFailed."""
        passed = [f"--build-arg={name}" for name in _PASSED_ON if name in os.environ]
        certificates = "/etc/ssl/certs"
        mounts = [f"--volume={certificates}:{certificates}:ro"]
        wheels = os.environ.get("PIP_FIND_LINKS", "")
        if Path(wheels).is_dir():
            mounts.append(f"--volume={wheels}:{wheels}:ro")
        options = ["--build-arg", f"BASE={base}", *passed, *mounts, "--format=docker", "--tag", tag]
        _must([self._program, "build", *options, str(folder)], _BUILD_TIMEOUT_S, self._environment)

    def import_root(self, folder: Path, name: str) -> None:
        """Make an image of a folder that holds a root file system. Raises BuildFailed."""
        with tempfile.TemporaryDirectory(prefix="lgsp-image-") as scratch:
            dockerfile = Path(scratch) / "Dockerfile"
            dockerfile.write_text("FROM scratch\nADD . /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n", "utf-8")
            command = [self._program, "build", "--quiet", "--tag", name, "--file", str(dockerfile), str(folder)]
            _must(command, _BUILD_TIMEOUT_S, self._environment)

    def size_bytes(self, tag: str) -> int:
        """Of the image, unpacked, with its base."""
        container = _must([self._program, "from", tag], environment=self._environment).strip()
        try:
            root = Path(_must([self._program, "mount", container], environment=self._environment).strip())
            return sum(file.lstat().st_size for file in root.rglob("*") if file.is_file() and not file.is_symlink())
        finally:
            _must([self._program, "rm", container], environment=self._environment)

    def run(self, tag: str, *command: str) -> str:
        """As the image's user. Raises BuildFailed."""
        container = _must([self._program, "from", tag], environment=self._environment).strip()
        try:
            whole = [self._program, "run", "--cap-drop=all", container, "--", *command]
            return _must(whole, _RUN_TIMEOUT_S, self._environment, accept=_DOCTORS_WARNINGS)
        finally:
            _must([self._program, "rm", container], environment=self._environment)


_DOCTORS_WARNINGS: Final = frozenset({0, 4})
"""`lgsp doctor` ends with 4 where nobody has given it a platform to ask: it ran, and that is what is tried here."""


def _must(
    command: list[str],
    timeout_s: float = _RUN_TIMEOUT_S,
    environment: Mapping[str, str] | None = None,
    accept: frozenset[int] = frozenset({0}),
) -> str:
    done = _call(command, timeout_s, environment)
    if done.returncode not in accept:
        said = (done.stderr.strip() or done.stdout.strip())[-2_000:]
        raise BuildFailed(json.dumps({"command": command[:3], "code": done.returncode}) + f"\n{said}")
    return done.stdout


def _call(
    command: list[str], timeout_s: float, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    whole = {**os.environ, **(environment or {})}
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=timeout_s, env=whole)
