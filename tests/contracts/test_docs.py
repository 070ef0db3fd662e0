"""The pages leave nothing out: every table, every cause; and the entries that they show are taken."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Final

import pytest

from contracts.entry import Entry
from contracts.forms import check
from gateway.store.schema import metadata
from tests.architecture.tree import ROOT, project_files, shown
from tests.contracts.pages import Block, blocks, edited

PAGES: Final = [page for page in project_files() if page.suffix == ".md"]
EXAMPLES: Final = [(page, block) for page in PAGES for block in blocks(page) if block.language == "json"]


@pytest.mark.parametrize(("page", "block"), EXAMPLES, ids=[shown(page) for page, _ in EXAMPLES])
def test_an_example_of_an_entry_is_taken(page: Path, block: Block) -> None:
    example = json.loads(block.text)
    if "form" in example:
        entry = Entry.model_validate(example)
        assert check(entry.form, entry.fields) == ()


def test_the_architecture_names_every_table() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    assert [table for table in metadata.tables if f"`{table}`" not in page] == []


def test_every_cause_of_a_refusal_or_a_delay_is_in_its_runbook() -> None:
    runbooks = {
        "no": (ROOT / "ops/runbooks/dead-letters.md").read_text("utf-8"),
        "yes": (ROOT / "ops/runbooks/target-down.md").read_text("utf-8"),
    }
    with (ROOT / "adapters/lgsp/causes.csv").open(encoding="utf-8") as table:
        unexplained = {
            row["cause"] for row in csv.DictReader(table) if f"`{row['cause']}`" not in runbooks[row["later"]]
        }
    assert unexplained == set()


def test_a_diff_that_does_not_fit_is_told() -> None:
    assert edited("a\nb\nc\n", "@@\n a\n-b\n+B\n@@\n c\n+d\n") == "a\nB\nc\nd\n"
    with pytest.raises(AssertionError, match="0 times"):
        edited("a\n", " b\n+c\n")
    with pytest.raises(AssertionError, match="2 times"):
        edited("a\na\n", "-a\n+b\n")


def test_every_fault_that_is_described_is_tried() -> None:
    page = (ROOT / "docs/faults.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "`test_" in line]
    named = set(re.findall(r"`(test_\w+)`", page))
    tests = "\n".join(path.read_text("utf-8") for path in project_files() if path.name.startswith("test_"))
    tests += (ROOT / "tests/conformance/stream_promises.py").read_text("utf-8")
    assert len(rows) > 12
    assert {name for name in named if f"def {name}(" not in tests} == set()
