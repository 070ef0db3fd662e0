"""Every cause that an adapter can give is in the table that says whose business it is, and in words for people."""

from __future__ import annotations

import ast
import csv

import pytest

from contracts.causes import CAUSES, class_of
from tests.architecture.tree import ROOT, house_files, shown

RAISED = {"TryLater", "Refused"}


def causes_in_code() -> set[str]:
    """The literal first arguments of TryLater(…) and Refused(…) in adapters and propagation."""
    found: set[str] = set()
    for file in house_files():
        if not shown(file).startswith(("adapters/", "gateway/propagation/")):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_no_cause_is_without_a_class() -> None:
    with (ROOT / "adapters/lgsp/causes.csv").open(encoding="utf-8") as table:
        told = {row["cause"] for row in csv.DictReader(table)}
    known = causes_in_code()
    assert {"connect", "timeout"} <= known, "the search finds what is there"
    assert (told | known) - set(CAUSES) == set()


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("timeout", "outage"),
        ("quota", "limit"),
        ("no-right", "right"),
        ("personal-number-missing", "record"),
        ("birth-date-unfit", "record"),
        ("never-heard-of", "house"),
    ],
)
def test_a_cause_has_one_class(cause: str, expected: str) -> None:
    assert class_of(cause) == expected
