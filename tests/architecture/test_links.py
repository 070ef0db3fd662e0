"""Documentation leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from tests.architecture.tree import project_files, shown

FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[(?:[^\]\\]|\\.)*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
IMAGE_TAG = re.compile(r"<(?:img|a)\b[^>]*?\b(?:src|href)=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:")


def _prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def _anchors(page: Path) -> set[str]:
    plain = (re.sub(r"[^\w\s-]", "", LINK.sub("", heading).lower()) for heading in HEADING.findall(_prose(page)))
    return {re.sub(r"\s", "-", heading.strip()) for heading in plain}


def _is_broken(page: Path, target: str) -> bool:
    if ELSEWHERE.match(target):
        return False
    name, _, anchor = unquote(target).partition("#")
    file = page if not name else page.parent / name
    if not file.exists():
        return True
    return bool(anchor) and file.suffix == ".md" and anchor not in _anchors(file)


def test_every_relative_link_in_the_documentation_resolves() -> None:
    broken = []
    for page in project_files():
        if page.suffix != ".md":
            continue
        text = INLINE_CODE.sub("", _prose(page))
        broken += [
            f"{shown(page)} -> {target}"
            for target in (*LINK.findall(text), *IMAGE_TAG.findall(text))
            if _is_broken(page, target)
        ]
    assert broken == []
