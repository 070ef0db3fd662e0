"""The two READMEs say the same, and what the program says."""

from __future__ import annotations

import re
from typing import Final

import pytest

from contracts.problems import Language
from gateway.cli.exit_codes import ExitCode
from tests.architecture.tree import ROOT
from tests.contracts.said import page

PAGES: Final[dict[Language, str]] = {"en": "README.md", "vi": "README.vi.md"}
FENCE: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"\]\(([^)]+)\)")
ROW: Final = re.compile(r"^\| (\d+) \| (.+) \|$", re.MULTILINE)


def test_they_have_the_same_headings_code_tables_and_lists() -> None:
    english, vietnamese = page(PAGES["en"]), page(PAGES["vi"])
    assert FENCE.findall(english) == FENCE.findall(vietnamese)
    assert _skeleton(english) == _skeleton(vietnamese)


def _skeleton(text: str) -> list[str]:
    """What begins each heading, row and item, in order."""
    marks = (re.match(r"#+ |\||- |\d+\. ", line) for line in FENCE.sub("", text).splitlines())
    return [mark.group() for mark in marks if mark]


def test_they_lead_to_the_same_places() -> None:
    english, vietnamese = (
        sorted(link.replace(".vi.", ".") for link in LINK.findall(page(PAGES[language]))) for language in ("en", "vi")
    )
    assert english == vietnamese


@pytest.mark.parametrize("language", PAGES)
def test_their_table_of_exit_codes_is_that_of_the_program(language: Language) -> None:
    told = {int(code): meaning.lower() for code, meaning in ROW.findall(page(PAGES[language]))}
    assert told == {code.value: code.meaning(language).lower() for code in ExitCode}


@pytest.mark.parametrize("name", PAGES.values())
def test_they_stay_short_enough_to_be_read(name: str) -> None:
    assert len(page(name).splitlines()) <= 150


@pytest.mark.parametrize("name", PAGES.values())
def test_their_pictures_can_be_read_on_light_and_dark_pages(name: str) -> None:
    pictures = [link for link in LINK.findall(page(name)) if link.endswith(".svg")]
    assert len(pictures) == 2
    assert [one for one in pictures if not _suits_both((ROOT / one).read_text("utf-8"))] == []


def _suits_both(picture: str) -> bool:
    """It knows both, or it is a terminal, which brings its own ground."""
    return "prefers-color-scheme: dark" in picture or 'class="rich-terminal"' in picture
