"""Whoever does what the "add a …" pages say, and nothing else, ends with passing tests."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.contracts.pages import blocks, copy_of_the_tree, follow, run

PAGES = ("add-a-rule.md", "add-a-field.md", "add-a-system.md")


def _told(page: Path) -> list[list[str]]:
    """What the page says to run with Python, in order; `make check` at its end is everybody's."""
    lines = [line for block in blocks(page) if block.language == "sh" for line in block.text.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("python ")]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_ends_where_it_says(name: str, tmp_path: Path) -> None:
    page, tree = ROOT / "docs" / name, copy_of_the_tree(tmp_path)
    written = follow(page, tree)
    assert len(written) > 2
    commands = _told(page)
    assert any("pytest" in command for command in commands)
    for command in commands:
        done = run(command, tree)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-1000:]}"
    sources = sorted({file for file in written if file.endswith(".py")})
    for lint in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        style = run(["-m", "ruff", *lint, *sources], tree)
        assert style.returncode == 0, style.stdout


def test_a_step_left_out_is_noticed(tmp_path: Path) -> None:
    page, tree = ROOT / "docs" / "add-a-rule.md", copy_of_the_tree(tmp_path)
    cases = tree / "tests/unit/quality/cases_situation.py"
    held = cases.read_text(encoding="utf-8")
    follow(page, tree)
    cases.write_text(held, encoding="utf-8")
    assert run(["-m", "pytest", "-q", "-x", "tests/unit/quality/test_rules.py"], tree).returncode == 1
