"""The page of rules for readers is that of the code."""

from __future__ import annotations

from pathlib import Path

from gateway.quality.catalogue import catalogue
from gateway.quality.document import PAGE, render_page, write


def test_the_page_of_rules_is_that_of_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run: python -m gateway.quality.document"


def test_the_page_names_every_rule(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "rules.md"
    write(page)
    text = page.read_text(encoding="utf-8")
    assert [rule for rule in catalogue() if f"### {rule}" not in text] == []
