"""The files of the project as git sees them, so that caches and data are nobody's business."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ("contracts", "adapters", "gateway", "mock_services", "ops")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, under version control; in an unpacked archive, every file."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=False, capture_output=True, text=True)
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [path for folder in (*HOUSE, "tests", "docs") for path in (ROOT / folder).rglob("*")]
        paths += ROOT.glob("*")
    return tuple(sorted(path for path in paths if path.is_file() and "__pycache__" not in path.parts))


def python_files() -> list[Path]:
    """Source and tests."""
    return [path for path in project_files() if path.suffix == ".py"]


def house_files() -> list[Path]:
    """Source without tests."""
    return [path for path in python_files() if path.relative_to(ROOT).parts[0] in HOUSE]


def shown(path: Path) -> str:
    """A path as a reader of the failure wants it."""
    return path.relative_to(ROOT).as_posix()
