"""Ethnic groups: our codes are those of QĐ 121-TCTK/PPCĐ 1979; the census numbers the same groups otherwise."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from contracts.codelists import load
from contracts.names import normalize

_INTRODUCED: Final = re.compile(r"(?:dân tộc|dan toc|người|nguoi)\s+", re.IGNORECASE)
_ONE_DIGIT: Final = re.compile(r"[1-9]", re.ASCII)


def code_of(name_or_code: str) -> str | None:
    """Our code for a code ("08", "8"), a name or a local name ("Mông", "dân tộc H'Mông"); None when unknown.

    A number is taken as ours; one that comes from the census must go through `from_gso`.
    """
    groups = load("ethnic_groups")
    if name_or_code in groups:
        return name_or_code
    text = normalize(name_or_code)
    if _ONE_DIGIT.fullmatch(text):
        text = "0" + text
    introduced = _INTRODUCED.match(text)
    return groups.code_of(text) or (groups.code_of(text[introduced.end() :]) if introduced else None)


@cache
def _to_gso() -> dict[str, str]:
    return {row["code"]: row["gso_census_code"] for row in load("ethnic_codes_qd121_vs_gso_census").rows}


@cache
def _from_gso() -> dict[str, str]:
    return {gso: code for code, gso in _to_gso().items()}


def gso_code(code: str) -> str | None:
    """The census number of our code; None for foreigners, whom that table leaves out, and for unknown codes."""
    return _to_gso().get(code)


def from_gso(code: str) -> str | None:
    """Our code of a census number."""
    return _from_gso().get(code)
