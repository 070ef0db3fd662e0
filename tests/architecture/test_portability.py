"""Nothing in the project depends on the machine, or on the package mirror, that somebody happened to use."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture.tree import project_files, shown

PLACES_OF_ONE_MACHINE = re.compile(r"(?<![\w./-])/(?:work|root|tmp|Users/\w+|home/\w+|opt/wheels)/")
REGISTRIES = re.compile(
    r"\bpypi\.org|pythonhosted\.org|registry\.npmjs\.org|repo1?\.maven\.org|proxy\.golang\.org"
    r"|--(?:extra-)?index-url|--find-links|--trusted-host|\bartifactory\b|\bnexus\b",
    re.IGNORECASE,
)
SAYS_WHAT_IT_FORBIDS = Path(__file__)
LOCKS = ("requirements.lock", "requirements-dev.lock")


def _lines() -> list[tuple[str, str]]:
    found = []
    for path in project_files():
        if path == SAYS_WHAT_IT_FORBIDS:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a workbook, a picture, a file in a legacy encoding
            continue
        found += [(f"{shown(path)}:{number}", line) for number, line in enumerate(text.splitlines(), start=1)]
    return found


def test_no_path_of_one_machine_is_written_down() -> None:
    assert [place for place, line in _lines() if PLACES_OF_ONE_MACHINE.search(line)] == []


def test_no_package_registry_is_written_down() -> None:
    assert [place for place, line in _lines() if REGISTRIES.search(line)] == []


def test_locked_packages_have_hashes_and_no_address() -> None:
    for name in LOCKS:
        entries = next(path for path in project_files() if shown(path) == name).read_text().split("\n    --hash=")
        assert "://" not in "".join(entries)
    pinned = [line for place, line in _lines() if place.partition(":")[0] in LOCKS and "==" in line]
    assert pinned
    assert [line for line in pinned if not line.endswith("\\")] == []
