"""No regular expression of ours can be made slow by what it reads (requirement 22)."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import pytest

from tests.architecture.regexes import faults
from tests.architecture.tree import HOUSE, ROOT, house_files, shown

_RECORD: Final = """
import importlib, json, pkgutil, re, sys
from pathlib import Path
root, made, was = Path(sys.argv[1]), [], re.compile
def compile(pattern, flags=0):
    frame = sys._getframe(1)
    found = was(pattern, flags)
    text = found.pattern if isinstance(found.pattern, str) else found.pattern.decode("latin-1")
    made.append([frame.f_code.co_filename, frame.f_lineno, text, isinstance(found.pattern, bytes), found.flags])
    return found
re.compile = compile
for name in sys.argv[2:]:
    for module in pkgutil.walk_packages([str(root / name)], name + "."):
        if not module.name.endswith(("__main__", ".env")) and ".versions." not in module.name:
            importlib.import_module(module.name)
# The environment may lie inside the root too, and what libraries make is theirs.
ours = [root / name for name in sys.argv[2:]]
print(json.dumps([one for one in made if any(Path(one[0]).is_relative_to(part) for part in ours)]))
"""
# Made only when something is called: what they are made of is said here, so that it is judged all the same.
MADE_LATER: Final = {
    "contracts/legacy_text.py": "an alternation of literal words: no repetition at all",
    "adapters/lgsp/words.py": "patterns of fixed length, given by the adapters at import; recorded there",
}
_SEARCHES: Final = frozenset({"search", "sub", "subn", "findall", "finditer", "split"})
_FUNCTIONS: Final = _SEARCHES | {"match", "fullmatch"}


@cache
def _recorded() -> list[tuple[str, int, str | bytes, int]]:
    """Every expression that importing the house makes: file, line, pattern, flags."""
    ran = subprocess.run(
        [sys.executable, "-c", _RECORD, str(ROOT), *HOUSE], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return [
        (shown(ROOT / file), line, text.encode("latin-1") if is_bytes else text, flags)
        for file, line, text, is_bytes, flags in json.loads(ran.stdout.splitlines()[-1])
    ]


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Calls of the form `re.name(…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner: Any = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "re":
                yield node.func.attr, node


@cache
def _only_matched() -> frozenset[tuple[str, int]]:
    """Where an expression gets a name that is only ever matched from the first character: file and line."""
    found = set()
    for path in house_files():
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        uses: dict[str, set[str]] = defaultdict(set)
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                uses[node.value.id].add(node.attr)
        for node in nodes:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                used = uses[node.target.id]
                if used and used <= {"match", "fullmatch"}:
                    found |= {(shown(path), line) for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    return frozenset(found)


def test_every_expression_of_the_house_is_linear() -> None:
    slow = {
        f"{file}:{line} {pattern!r}": found
        for file, line, pattern, flags in _recorded()
        if (found := faults(pattern, flags, searched=(file, line) not in _only_matched()))
    }
    assert slow == {}


def test_no_expression_is_overlooked() -> None:
    recorded = {(file, line) for file, line, _, _ in _recorded()}
    for path in house_files():
        for name, call in _calls(ast.parse(path.read_text("utf-8"))):
            if name == "compile":
                lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
                made = any((shown(path), line) in recorded for line in lines)
                assert made or shown(path) in MADE_LATER, f"{shown(path)}:{call.lineno} was not made at import"
            elif name in _FUNCTIONS:
                pattern = call.args[0]
                assert isinstance(pattern, ast.Constant), f"{shown(path)}:{call.lineno} cannot be judged"
                assert isinstance(pattern.value, str | bytes)
                assert faults(pattern.value, 0, searched=True) == [], f"{shown(path)}:{call.lineno}"


@pytest.mark.parametrize(
    "pattern",
    [
        r"<(c)((?:\s[^>]*)?)/?>",
        r"(a+)+$",
        r"(a|aa)+$",
        r"(a|a)*b",
        r"\d+\d+x",
        r"\w+\s?\w+!",
        r"(?:\w+,?)+;",
        r"a*b",
        r"<c[^>]*>",
        r".*x",
        r"\s+$",
    ],
)
def test_an_expression_that_can_be_made_slow_is_found(pattern: str) -> None:
    assert faults(pattern, 0, searched=True)


@pytest.mark.parametrize(
    "pattern", [r"\d{4}-\d{2}", r"[+-]?\d+(?:[.,]\d+)?[eE]\d", r"([a-z_]+);cause", r"[^\W\d_]+", r"\{\d\}", r'"[ \t]*:']
)
def test_a_linear_expression_is_left_alone(pattern: str) -> None:
    assert faults(pattern, 0, searched=False) == []
