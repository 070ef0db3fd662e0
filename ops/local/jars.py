"""Apache Kafka as Maven artefacts: which ones, with which contents, and where they are kept.

The lock beside this file names every jar with its SHA-256. The wheel `jgo` fetches exactly those, once for all runs of
this user; nothing is resolved anew, and a jar with other contents is refused.

`python -m ops.local.jars` chooses the versions anew and writes the lock.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA_VERSION: Final = "4.3.1"
WANTED: Final = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    f"org.apache.kafka:kafka-tools:{KAFKA_VERSION}",
    "org.slf4j:slf4j-simple:1.7.36",
)
LOCK: Final = Path(__file__).with_name("kafka.lock.toml")
CACHE_VARIABLE: Final = "XDG_CACHE_HOME"
FETCHERS: Final = 8


class JarsUnavailable(RuntimeError):
    """The jars can neither be found nor fetched; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked artefact."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Unique among the locked ones: the group is part of it."""
        return f"{self.group}.{self.artifact}-{self.version}.jar"


def locked(lock: Path = LOCK) -> list[Jar]:
    """The artefacts of the lock, in its order."""
    rows = tomllib.loads(lock.read_text("utf-8"))["jar"]
    return [Jar(row["group"], row["artifact"], row["version"], row["sha256"]) for row in rows]


def kafka_folder() -> Path:
    """The user's folder with every jar of Kafka's lock. Raises JarsUnavailable."""
    return jar_folder(f"kafka-{KAFKA_VERSION}", LOCK)


def jar_folder(name: str, lock: Path) -> Path:
    """The user's folder with every jar of a lock, checked; fetched first if it is not there. Raises JarsUnavailable.

    Its name holds the lock's own hash, so that another lock never meets these jars.
    """
    folder = cache_folder() / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    jars = locked(lock)
    missing = [jar for jar in jars if not (folder / "jars" / jar.file_name).exists()]
    if missing:
        (folder / "jars").mkdir(parents=True, exist_ok=True)
        _fetch(name, missing, folder / "jars")
    for jar in jars:
        _check(jar, folder / "jars" / jar.file_name, lock)
    return folder


def class_path(folder: Path, lock: Path = LOCK) -> str:
    """What `java -cp` is to be told."""
    return os.pathsep.join(str(folder / "jars" / jar.file_name) for jar in locked(lock))


def cache_folder() -> Path:
    """Where this user keeps what was fetched once for all runs."""
    given = os.environ.get(CACHE_VARIABLE)
    return (Path(given) if given else Path.home() / ".cache") / "lgsp"


def _check(jar: Jar, file: Path, lock: Path = LOCK) -> None:
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != jar.sha256:
        raise JarsUnavailable(
            f"{file} is not what {lock.name} says it is (SHA-256 {found} instead of {jar.sha256}). "
            "Delete that file to fetch it again; if it stays so, the registry serves something else."
        )


def _fetch(name: str, missing: list[Jar], folder: Path) -> None:
    print(f"Fetching {name}: {len(missing)} files into {folder} ...", file=sys.stderr, flush=True)
    try:
        from jgo.maven import MavenContext
    except ModuleNotFoundError:
        raise JarsUnavailable(
            f"{name} is not here, and the wheel jgo that fetches it is not installed: `make test` installs it; "
            "or name a broker in LGSP_KAFKA__BOOTSTRAP_SERVERS."
        ) from None
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as scratch:
        maven = MavenContext(repo_cache=Path(scratch))
        with ThreadPoolExecutor(FETCHERS) as fetchers:
            for _ in fetchers.map(lambda jar: _fetch_one(maven, jar, folder), missing):
                pass


def _fetch_one(maven: MavenContext, jar: Jar, folder: Path) -> None:
    artifact = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    try:
        fetched = artifact.resolve()
    except (OSError, RuntimeError) as error:
        raise JarsUnavailable(
            f"{jar.group}:{jar.artifact}:{jar.version} could not be fetched from the Maven registry ({error}). "
            "Connect to it and try again, or name a broker in LGSP_KAFKA__BOOTSTRAP_SERVERS."
        ) from error
    _check(jar, fetched)
    # Renamed into place whole, so that a run that is killed now leaves no half file behind.
    arrived = folder / f".{jar.file_name}.{os.getpid()}"
    shutil.copyfile(fetched, arrived)
    arrived.replace(folder / jar.file_name)


def choose(wanted: Sequence[str], written_by: str) -> str:
    """Resolve what these artefacts need, and write it down as a lock: TOML, one table per jar."""
    import jgo

    with tempfile.TemporaryDirectory() as scratch:
        environment = jgo.build("+".join(wanted), cache_dir=Path(scratch))
        lock = environment.lockfile
        assert lock is not None, "just built"
        lines = [f"# Written by `{written_by}`. Every jar that is run here."]
        for one in sorted(lock.dependencies, key=lambda one: (one.groupId, one.artifactId)):
            lines += [
                "",
                "[[jar]]",
                f'group = "{one.groupId}"',
                f'artifact = "{one.artifactId}"',
                f'version = "{one.version}"',
                f'sha256 = "{one.sha256}"',
            ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    LOCK.write_text(choose(WANTED, "python -m ops.local.jars"), "utf-8")
    print(f"{len(locked())} jars are locked in {LOCK.name}.")
