"""Pages read as one who follows them does: their fenced blocks, and what each does to a copy of the tree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import HOUSE, ROOT, project_files

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w./-]+\.(?:py|csv|toml|yaml|json|md))`")
_HUNK = re.compile(r"^@@.*\n", re.MULTILINE)
_WRITING = frozenset({"python", "csv", "toml", "yaml", "json", "diff"})


@dataclass(frozen=True)
class Block:
    """One fenced block. `before` is the paragraph that introduces it."""

    language: str
    text: str
    before: str

    @property
    def file(self) -> str | None:
        """The file that the paragraph before names first."""
        named = _FILE.search(self.before)
        return named.group(1) if named else None


def blocks(page: Path) -> list[Block]:
    """A page's fenced blocks, in order."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    end = 0
    for match in _FENCE.finditer(text):
        before = text[end : match.start()].strip().split("\n\n")[-1]
        found.append(Block(match.group(1), match.group(2), before))
        end = match.end()
    return found


def copy_of_the_tree(folder: Path) -> Path:
    """The project's files, for a reader to change."""
    for file in project_files():
        copy = folder / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
    for cache in (cache for name in HOUSE for cache in (ROOT / name).rglob("__pycache__")):
        # What was compiled once need not be again: a file that is not changed keeps its time, and with it its cache.
        shutil.copytree(cache, folder / cache.relative_to(ROOT), dirs_exist_ok=True)
    return folder


def follow(page: Path, tree: Path) -> list[str]:
    """Do what a page's blocks say, in order; answers the files that were written.

    A diff changes the lines that it shows; any other block is a new file, or goes to the end of one that is there.
    """
    written: list[str] = []
    for block in blocks(page):
        if block.language not in _WRITING or block.file is None:
            continue
        file = tree / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        held = file.read_text(encoding="utf-8") if file.exists() else ""
        file.write_text(edited(held, block.text) if block.language == "diff" else held + block.text, encoding="utf-8")
        written.append(block.file)
    return written


def edited(held: str, diff: str) -> str:
    """`held` with a diff without line numbers applied: what it shows of the file must stand there exactly once."""
    for hunk in filter(None, _HUNK.split(diff)):
        lines = hunk.splitlines(keepends=True)
        shown = "".join(line[1:] for line in lines if line[0] in " -")
        wanted = "".join(line[1:] for line in lines if line[0] in " +")
        assert held.count(shown) == 1, f"stands there {held.count(shown)} times: {shown}"
        held = held.replace(shown, wanted)
    return held


def run(command: list[str], tree: Path) -> subprocess.CompletedProcess[str]:
    """A Python program in a copy of the tree, which hides the installed one."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    return subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
