"""What an incident or a request can be: `kinds.csv`, with words for people."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from contracts.problems import Language
from gateway.store.register import CaseType


@cache
def _table() -> Mapping[tuple[str, str], Mapping[str, str]]:
    text = files("gateway.register").joinpath("kinds.csv").read_text("utf-8")
    return {(row["case"], row["kind"]): row for row in csv.DictReader(text.splitlines())}


def kinds(case: CaseType) -> tuple[str, ...]:
    """The codes, in the table's order."""
    return tuple(kind for of, kind in _table() if of == case)


def said(case: CaseType, kind: str, language: Language) -> str:
    """For people; a code that this version does not know stays as it is."""
    row = _table().get((case, kind))
    return kind if row is None else row[language]
