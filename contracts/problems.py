"""The catalogue of problems: every code that a door may answer with, whose side is at fault, and what to do about it.

Only `gateway/api` knows which HTTP status goes with a code (RFC 9457). The data is `problems.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast

Side: TypeAlias = Literal["caller", "gateway", "other_system"]
Language: TypeAlias = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One code with its title and remedy in both languages."""

    code: str
    side: Side
    title_vi: str
    title_en: str
    remedy_vi: str
    remedy_en: str

    def title(self, language: Language) -> str:
        """What is wrong, in one sentence."""
        return self.title_vi if language == "vi" else self.title_en

    def remedy(self, language: Language) -> str:
        """What whoever is at fault can do."""
        return self.remedy_vi if language == "vi" else self.remedy_en


def _read() -> Mapping[str, Problem]:
    text = resources.files("contracts").joinpath("problems.csv").read_text(encoding="utf-8")
    problems = (
        Problem(
            code=row["code"],
            side=cast(Side, row["side"]),
            title_vi=row["title_vi"],
            title_en=row["title_en"],
            remedy_vi=row["remedy_vi"],
            remedy_en=row["remedy_en"],
        )
        for row in csv.DictReader(text.splitlines())
    )
    return MappingProxyType({problem.code: problem for problem in problems})


PROBLEMS: Final = _read()


def problem(code: str) -> Problem:
    """The problem of a code. Raises KeyError for a code that is not in the catalogue: that is a bug."""
    return PROBLEMS[code]
