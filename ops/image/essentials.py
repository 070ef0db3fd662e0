"""`python essentials.py PROGRAM-FOLDER ROOT`: copy what a Python environment needs to run into an empty root.

Run while the image is built, by the base image's own Python and with nothing installed. What is copied: the
environment, the interpreter's own library, every shared library that any of their files is linked to, and what resolves
names and certificates. No shell, no package manager, no other program of the base comes along.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

ELF = b"\x7fELF"
UNUSED = ("test", "idlelib", "lib2to3", "tkinter", "turtledemo", "ensurepip", "site-packages", "dist-packages")
"""Of the interpreter's library: nothing of ours imports them, and the environment has packages of its own."""
FILES = (
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/ld.so.cache",
    "/etc/os-release",
    "/usr/lib/os-release",
    "/etc/ssl/openssl.cnf",
    "/usr/lib/ssl/openssl.cnf",
    "/usr/lib/ssl/certs",
    "/etc/ssl/certs/ca-certificates.crt",
)
LINKS = ("bin", "sbin", "lib", "lib64")
"""Of the root, where the base has merged them into /usr."""


def main(environment: Path, root: Path) -> None:
    """Fill the root. Raises OSError."""
    library = Path(sysconfig.get_path("stdlib"))
    for name in LINKS:
        if (Path("/") / name).is_symlink():
            root.mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(os.readlink(Path("/") / name))
    _copy_tree(environment, root, ())
    _copy_tree(library, root, UNUSED)
    for file in map(Path, FILES):
        if file.exists() or file.is_symlink():
            _copy(file, root)
    needed = sorted(set(_linked_by([*_elf_files(environment), *_elf_files(library)], (environment, library))))
    for file in needed:
        _copy(file, root)
    _name_packages(needed, root)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    for name in ("proc", "sys", "dev", "run", "var/lib"):
        (root / name).mkdir(parents=True, exist_ok=True)


def _elf_files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and not _is_unused(file, folder):
            with file.open("rb") as content:
                if content.read(len(ELF)) == ELF:
                    yield file


def _is_unused(file: Path, folder: Path) -> bool:
    return folder == Path(sysconfig.get_path("stdlib")) and file.relative_to(folder).parts[0] in UNUSED


def _linked_by(files: Iterable[Path], inside: tuple[Path, ...]) -> Iterator[Path]:
    """Shared libraries, the loader among them, that lie outside what is copied whole."""
    for file in files:
        said = _said_by("ldd", str(file))
        for line in said.splitlines():
            path = next((Path(word) for word in line.split() if word.startswith("/")), None)
            if path is not None and not any(path.is_relative_to(one) for one in inside):
                yield path


def _copy(file: Path, root: Path) -> None:
    """A file, or a link with what it leads to; a folder with what is in it."""
    # Its folder may be a link itself, which the root has as well.
    target = root / file.parent.resolve().relative_to("/") / file.name
    if target.is_symlink() or target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.is_symlink():
        target.symlink_to(os.readlink(file))
        _copy(file.parent / os.readlink(file), root)
    elif file.is_dir():
        target.mkdir()
        for inner in file.iterdir():
            _copy(inner, root)
    elif file.exists():
        shutil.copy2(file, target)


def _copy_tree(folder: Path, root: Path, without: tuple[str, ...]) -> None:
    def ignore(where: str, names: list[str]) -> list[str]:
        return [name for name in names if name in without] if Path(where) == folder else []

    shutil.copytree(folder, root / folder.relative_to("/"), symlinks=True, ignore=ignore)


def _name_packages(files: Iterable[Path], root: Path) -> None:
    """Leave word of Debian's packages that files come from, where scanners for vulnerabilities look."""
    patterns = [f"*/{file.resolve().name}" for file in files]
    said = _said_by("dpkg-query", "-S", *patterns)
    notes = root / "var/lib/dpkg/status.d"
    notes.mkdir(parents=True)
    for package in sorted({line.partition(":")[0] for line in said.splitlines()}):
        (notes / package).write_text(_said_by("dpkg-query", "-s", package), "utf-8")


def _said_by(*command: str) -> str:
    # Both end with a fault if they know nothing of one of many files, as of a library without others behind it.
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
