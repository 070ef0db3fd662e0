"""The examples of the pages are taken, and their steps lead where they promise."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Final

import pytest

from contracts.entry import Entry
from contracts.forms import check
from gateway.store.schema import metadata
from tests.architecture.tree import ROOT, project_files, shown
from tests.contracts.pages import Block, blocks, copy_of_the_tree, edited, follow, run

PAGES: Final = [page for page in project_files() if page.suffix == ".md"]
EXAMPLES: Final = [(page, block) for page in PAGES for block in blocks(page) if block.language == "json"]
FOLLOWED: Final = ("docs/add-a-system.md", "docs/add-a-rule.md", "docs/add-a-field.md")
WRITES_ANEW: Final = (
    "from contracts import publish; from gateway.quality import document; publish.write(); document.write()"
)
PROOFS: Final = (
    "tests/conformance/test_health_insurance.py",
    "tests/unit/quality/test_rules.py",
    "tests/unit/quality/test_catalogue.py",
    "tests/unit/contracts/test_foreign_language.py",
    "tests/unit/contracts/test_forms_specification.py",
    "tests/unit/contracts/test_forms_page.py",
    "tests/contracts/test_published.py",
    "tests/contracts/test_rules_page.py",
)


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


def test_a_reader_who_follows_the_pages_gets_there(tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path)
    written = [file for page in FOLLOWED for file in follow(ROOT / page, tree)]
    assert {"adapters/health_insurance/adapter.py", "gateway/quality/rules.toml", "contracts/worker.py"} <= set(written)
    anew = run(["-c", WRITES_ANEW], tree)
    assert anew.returncode == 0, anew.stderr
    # Of the cases of all other rules nothing has changed.
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not DUNG and not DU- and not SACH or DUNG-090"]
    tested = run([*command, *PROOFS], tree)
    assert tested.returncode == 0, tested.stdout[-3000:] + tested.stderr[-1000:]
    assert " passed" in tested.stdout


def test_a_diff_that_does_not_fit_is_told() -> None:
    assert edited("a\nb\nc\n", "@@\n a\n-b\n+B\n@@\n c\n+d\n") == "a\nB\nc\nd\n"
    with pytest.raises(AssertionError, match="0 times"):
        edited("a\n", " b\n+c\n")
    with pytest.raises(AssertionError, match="2 times"):
        edited("a\na\n", "-a\n+b\n")
