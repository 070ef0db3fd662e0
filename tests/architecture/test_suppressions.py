"""Whoever silences a tool says which message, and why."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

from tests.architecture.tree import python_files, shown

SUPPRESSION = re.compile(r"#\s*(?:ruff:\s*)?noqa\b|#\s*type:\s*ignore\b|#\s*mypy:\s*|#\s*fmt:\s*off", re.IGNORECASE)
REASON = r"\s*(?:#|-|—|:)\s*\S.{4,}"
EXPLAINED = re.compile(
    r"#\s*(?:ruff:\s*)?noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*" + REASON + r"|#\s*type: ignore\[[\w, -]+\]" + REASON
)


def _comments(path: Path) -> list[tuple[int, str]]:
    with path.open("rb") as source:
        return [
            (token.start[0], token.string)
            for token in tokenize.tokenize(source.readline)
            if token.type == tokenize.COMMENT
        ]


def test_every_suppression_carries_a_code_and_a_reason() -> None:
    bare = [
        f"{shown(path)}:{line}: {comment}"
        for path in python_files()
        for line, comment in _comments(path)
        if SUPPRESSION.search(comment) and not EXPLAINED.search(comment)
    ]
    assert bare == []
