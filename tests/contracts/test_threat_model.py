"""docs/threat-model.md: every threat has a control and a test, and the test is there."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.architecture.tree import ROOT

PAGE: Final = (ROOT / "docs/threat-model.md").read_text("utf-8")
ROWS: Final = re.findall(r"^\| (.+?) \| (.+?) \| `(test_\w+)` \|$", PAGE, re.MULTILINE)
THREATS_MIN: Final = 20


def known_tests() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))}


@pytest.mark.parametrize(("threat", "control", "test"), ROWS, ids=[row[2] for row in ROWS])
def test_a_threat_names_a_test_that_is_there(threat: str, control: str, test: str) -> None:
    assert test in known_tests(), threat
    assert control


def test_there_are_enough_threats_and_no_row_is_malformed() -> None:
    table = PAGE.split("|---|---|---|\n", 1)[1].split("\n\n", 1)[0]
    assert len(ROWS) == len(table.splitlines())
    assert len(ROWS) >= THREATS_MIN
    assert len({row[0] for row in ROWS}) == len(ROWS)
