"""Why something was not delivered: every cause in a class that says who can end it, and in words for people.

    outage        the other system, or the way to it: nothing to do here, it goes by itself
    limit         the other system asks for less at a time: it goes by itself, later
    right         an account, a licence or a right is missing: somebody must grant it
    record        a value in the record is missing or not taken: a corrected entry ends it
    identity      the two sides know the person differently: papers must be compared
    disagreement  both sides keep changing the same record: people must decide
    house         our own fault, or an answer that we do not know: developers

The data is `causes.csv`; an adapter's causes are held to it by a test.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast

from contracts.problems import Language

CauseClass: TypeAlias = Literal["outage", "limit", "right", "record", "identity", "disagreement", "house"]
_OF_A_FIELD: Final = ("-missing", "-unfit")
"""`personal-number-missing`: what a target demands of everybody and this record lacks."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One row: its class, and what it says in both languages."""

    name: str
    kind: CauseClass
    said_vi: str
    said_en: str

    def said(self, language: Language) -> str:
        """In a few words, without a full stop."""
        return self.said_vi if language == "vi" else self.said_en


def _read() -> Mapping[str, Cause]:
    text = resources.files("contracts").joinpath("causes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    causes = (Cause(row["cause"], cast(CauseClass, row["class"]), row["said_vi"], row["said_en"]) for row in rows)
    return MappingProxyType({cause.name: cause for cause in causes})


CAUSES: Final = _read()


def class_of(cause: str) -> CauseClass:
    """The class of a cause; a cause that no table knows is ours to look at."""
    if (known := CAUSES.get(cause)) is not None:
        return known.kind
    return "record" if cause.endswith(_OF_A_FIELD) else "house"
