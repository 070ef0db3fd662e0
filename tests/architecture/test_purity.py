"""Pure parts of the house reach for nothing outside their process.

Libraries are an allow-list, so that a new one is a decision.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import HOUSE, ROOT, house_files, shown

PURE_LIBRARIES = {"pydantic", "pydantic_core", "annotated_types", "orjson", "typing_extensions"}
INPUT_OUTPUT_OF_PYTHON = {
    *("asyncio", "ftplib", "http", "imaplib", "multiprocessing", "select", "selectors", "smtplib", "socket"),
    *("socketserver", "sqlite3", "ssl", "subprocess", "tempfile", "urllib.request", "xmlrpc"),
}
PURE_PARTS = ("contracts", "gateway/golden", "gateway/quality", "gateway/audit")


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _does_input_or_output(name: str) -> bool:
    first = name.partition(".")[0]
    if first in sys.stdlib_module_names:
        return any(name == part or name.startswith(f"{part}.") for part in INPUT_OUTPUT_OF_PYTHON)
    return first not in PURE_LIBRARIES and first not in HOUSE


@pytest.mark.parametrize("part", PURE_PARTS)
def test_pure_parts_import_no_input_or_output(part: str) -> None:
    files = [path for path in house_files() if path.is_relative_to(ROOT / part)]
    impure = {shown(path): sorted(filter(_does_input_or_output, _imported(path))) for path in files}
    assert {name: found for name, found in impure.items() if found} == {}
