"""Their shapes and words: day-first dates, numbers for the sexes, addresses with the day of their code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from adapters.lgsp import places, words
from adapters.lgsp.instants import is_partial_date
from adapters.lgsp.plain_text import clean
from contracts.canonical import Json

WORKERS: Final = "/cungcau/v1/nguoi-lao-dong"
READ_BACK: Final = "/cungcau/v1/nguoi-lao-dong/tra-cuu"
CHANGES: Final = "/cungcau/v1/thay-doi"
STATUS: Final = "/cungcau/v1/trang-thai"

_SEXES: Final[Mapping[str, Json]] = {"1": 1, "2": 0}
_CONTRACTS: Final[Mapping[str, Json]] = {"1": "1", "2": "2"}
"""0, "no contract", is what `co_hdld` says already."""
_DAY_FIRST: Final = re.compile(r"(?:(?:([0-9]{2})/)?([0-9]{2})/)?([0-9]{4})", re.ASCII)
_LENGTHS: Final[Mapping[str, frozenset[int]]] = {
    "date": frozenset({10}),
    "month": frozenset({7}),
    "partial_date": frozenset({4, 7, 10}),
}


def _dates(kind: str) -> words.Kind:
    lengths = _LENGTHS[kind]

    def said(value: Json) -> Json:
        if not isinstance(value, str) or len(value) not in lengths or not is_partial_date(value):
            return None
        return "/".join(reversed(value.split("-")))

    def heard(value: Json) -> Json:
        found = _DAY_FIRST.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            return None
        text = "-".join(part for part in reversed(found.groups()) if part)
        return text if len(text) in lengths and is_partial_date(text) else None

    return words.Kind(said, heard)


_DATE: Final = _dates("date")


def _said_address(value: Json) -> Json:
    if not isinstance(value, dict):
        return None
    province, code, on = places.said_codes(value)
    said: dict[str, Json] = {
        "ma_tinh": province,
        "ma_xa": code,
        "ngay_ma": _DATE.say(on),
        "chi_tiet": clean(value.get("detail")),
    }
    return {name: part for name, part in said.items() if part is not None} or None


def _heard_address(value: Json) -> Json:
    if not isinstance(value, dict):
        return None
    on = _DATE.hear(value.get("ngay_ma"))
    return places.heard_address(
        value.get("ma_tinh"), value.get("ma_xa"), on if isinstance(on, str) else None, value.get("chi_tiet")
    )


KINDS: Final[words.Kinds] = {
    "text": words.text,
    "code": words.code,
    "flag": words.flag,
    "code_list": words.code_list,
    "contract": lambda _: words.mapped(_CONTRACTS),
    "sex": lambda _: words.mapped(_SEXES),
    "address": lambda _: words.Kind(_said_address, _heard_address),
    "date": lambda _: _DATE,
    "month": lambda _: _dates("month"),
    "partial_date": lambda _: _dates("partial_date"),
}
