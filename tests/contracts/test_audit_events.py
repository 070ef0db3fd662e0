"""The catalogue of audit events lists what the code writes: no action more, none less, each with its fields."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final, get_args

import pytest

from contracts.entry import EntryState
from gateway.audit.catalogue import catalogue, told
from gateway.cli.audit_page import PAGE, render_page
from tests.architecture.tree import ROOT, house_files, shown

AN_ACTION: Final = re.compile(
    r"(?:entry|letters?|verification|worker|target|audit|agency|caller|access|keys|register):[a-z_]+"
)
COMPUTED: Final = "gateway/intake/fold.py"
"""It names the action after the state of the receipt."""
WRITERS: Final = {"gateway/intake/fold.py"}
"""Who makes rows for a slice of many; everybody else asks `gateway.store.audit`."""
AN_INSERT: Final = re.compile(r"insert\([\w.]*audit_rows|audit_rows\.insert")
INSERTING: Final = {"gateway/store/audit.py", "gateway/store/intake_sqlite.py"}
BENCH: Final = "ops/bench/"


def house() -> list[Path]:
    return [path for path in house_files() if not shown(path).startswith(BENCH)]


def texts(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def calls(path: Path, name: str) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [node for node in called if isinstance(node.func, ast.Name) and node.func.id == name]


def written() -> set[str]:
    """Every action that stands in the code, and those that are put together in intake."""
    named = {text for path in house() for text in texts(path) if AN_ACTION.fullmatch(text)}
    return named | {f"entry:{state}" for state in ("accepted", "unchanged", "quarantined")}


def test_the_page_is_that_of_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "run: python -m gateway.cli.audit_page"


def test_the_catalogue_lists_every_action_of_the_code_and_no_other() -> None:
    assert catalogue().keys() == written()
    assert set(get_args(EntryState)) == {"accepted", "unchanged", "quarantined", "refused"}
    assert 'f"entry:{receipt.state}"' in (ROOT / COMPUTED).read_text("utf-8")


def test_nobody_writes_a_row_past_the_catalogue() -> None:
    making = {shown(path): calls(path, "AuditRow") for path in house()}
    assert {name for name, found in making.items() if found} == WRITERS
    inserting = {shown(path) for path in house() if AN_INSERT.search(path.read_text("utf-8"))}
    assert inserting <= INSERTING
    for name in WRITERS | {"gateway/store/audit.py"}:
        assert calls(ROOT / name, "told"), f"{name} puts its detail together itself"


@pytest.mark.parametrize("detail", [{}, {"cause": "x"}, {"cause": "x", "personal_number": "012090000001"}])
def test_a_detail_with_other_members_than_listed_is_a_bug(detail: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        told("target:pause", detail)
    with pytest.raises(KeyError):
        told("target:eat", detail)


def test_every_event_says_who_about_what_and_why_in_both_languages() -> None:
    for event in catalogue().values():
        said = (event.subject, event.by, event.meaning_en, event.meaning_vi, event.why)
        assert all(one and one.strip() == one for one in said), event.action
