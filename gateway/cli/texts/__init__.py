"""Every sentence of the command line, in Vietnamese and English: `key,vi,en` rows of the CSV files beside this one."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Final

from contracts.problems import Language

LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")


@cache
def catalogue() -> dict[str, dict[Language, str]]:
    """Key → the text in each language. A key in two files is a bug."""
    found: dict[str, dict[Language, str]] = {}
    for file in resources.files(__name__).iterdir():
        if not file.name.endswith(".csv"):
            continue
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            assert row["key"] not in found, row["key"]
            found[row["key"]] = {"vi": row["vi"], "en": row["en"]}
    return found


def say(key: str, lang: Language, **values: object) -> str:
    """The text of a key, filled in. KeyError for an unknown key: that is a bug."""
    return catalogue()[key][lang].format(**values)
