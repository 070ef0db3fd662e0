"""What the pages tell people to type and to look for: shell lines, and words in code marks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, project_files, shown

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")


def pages() -> list[Path]:
    """Every page of the project."""
    return [path for path in project_files() if path.suffix == ".md"]


def page(name: str) -> str:
    """One page's text."""
    return (ROOT / name).read_text(encoding="utf-8")


def shell_lines(text: str) -> list[str]:
    """The commands of its shell blocks, those over several lines joined."""
    blocks = [body for language, body in _FENCED.findall(text) if language == "sh"]
    return [line.strip() for body in blocks for line in body.replace("\\\n", " ").splitlines() if line.strip()]


def marked(text: str) -> list[str]:
    """What stands in code marks in its prose."""
    return _INLINE.findall(_FENCED.sub("", text))


def calls_of(program: str) -> Iterator[tuple[str, list[str]]]:
    """Every call of a program in any page: the page, and its arguments. Prose that only begins one is a call too."""
    for path in pages():
        text = path.read_text(encoding="utf-8")
        for line in (*shell_lines(text), *marked(text)):
            if line.startswith(f"{program} ") and "…" not in line:
                yield shown(path), shlex.split(line)[1:]
