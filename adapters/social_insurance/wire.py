"""Their shapes and words: dates without separators and how much of them is known, months first, three sexes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from adapters.lgsp import places, words
from adapters.lgsp.instants import compact, is_partial_date, spread
from adapters.lgsp.plain_text import clean
from contracts.canonical import Json, JsonObject

BY_NUMBER: Final = "getTraCuuTtHgdByMaSoBhxh"
BY_CRITERIA: Final = "getMaSoBhxhTheoTieuChi"
HOUSEHOLD: Final = "getTraCuuThongTinHgd"
PARTICIPATION: Final = "getQuaTrinhThamGia"
UPDATE: Final = "capNhatThongTinNguoiLaoDong"
READ_BACK: Final = "traCuuThongTinNguoiLaoDong"
CHANGES: Final = "layThayDoi"
FEED_END: Final = "9" * 18

UNKNOWN_SEX: Final = "3"
SEXES: Final[Mapping[str, Json]] = {"1": "1", "2": "2"}
COMPULSORY, VOLUNTARY, NONE = "BB", "TN", "0"
_PARTICIPATIONS: Final[Mapping[str, Json]] = {"0": NONE, "1": COMPULSORY, "2": VOLUNTARY}
_KNOWN_PARTS: Final = {8: "0", 4: "1", 6: "2"}
"""Length of a birth date → `loaiNgaySinh`: 0 whole, 1 year alone, 2 year and month."""
_LENGTHS_OF_PARTS: Final = {kind: length for length, kind in _KNOWN_PARTS.items()}
_MONTH: Final = re.compile(r"(0[1-9]|1[0-2])/([0-9]{4})", re.ASCII)
_Pair: TypeAlias = tuple[str, str]


def said_birth_date(date: str) -> _Pair | None:
    """(`ngaySinh`, `loaiNgaySinh`) of a partial date."""
    digits = compact(date) if is_partial_date(date) else ""
    return (digits, _KNOWN_PARTS[len(digits)]) if len(digits) in _KNOWN_PARTS else None


def heard_birth_date(digits: Json, kind: Json) -> str | None:
    """A partial date; of a date that is longer than its kind allows only the known part is believed."""
    if not isinstance(digits, str):
        return None
    text = digits.strip()
    length = _LENGTHS_OF_PARTS.get(kind, 8) if isinstance(kind, str) else 8
    return spread(text[:length])


def heard_month(value: Json) -> str | None:
    """2026-07 of 07/2026."""
    found = _MONTH.fullmatch(value.strip()) if isinstance(value, str) else None
    return f"{found[2]}-{found[1]}" if found else None


def said_place(address: JsonObject | None) -> JsonObject:
    """The members `maTinh`, `maXa`, `ngayMa`, `diaChi` of one of our addresses, without the empty ones."""
    if address is None:
        return {}
    province, code, on = places.said_codes(address)
    said: JsonObject = {
        "maTinh": province,
        "maXa": code,
        "ngayMa": compact(on) if on else None,
        "diaChi": clean(address.get("detail")),
    }
    return {name: part for name, part in said.items() if part is not None}


def heard_place(held: Mapping[str, Json]) -> JsonObject | None:
    """One of our addresses of those members."""
    day = held.get("ngayMa")
    on = spread(day.strip()) if isinstance(day, str) else None
    return places.heard_address(held.get("maTinh"), held.get("maXa"), on, held.get("diaChi"))


def _said_date(value: Json) -> Json:
    return compact(value) if isinstance(value, str) and len(value) == 10 and is_partial_date(value) else None


def _heard_date(value: Json) -> Json:
    text = spread(value.strip()) if isinstance(value, str) else None
    return text if text is not None and len(text) == 10 else None


def _said_partial(value: Json) -> Json:
    said = said_birth_date(value) if isinstance(value, str) else None
    return said[0] if said else None


KINDS: Final[words.Kinds] = {
    "text": words.text,
    "code": words.code,
    "sex": lambda _: words.mapped(SEXES),
    "participation": lambda _: words.mapped(_PARTICIPATIONS),
    "date": lambda _: words.Kind(_said_date, _heard_date),
    "partial_date": lambda _: words.Kind(_said_partial, lambda value: heard_birth_date(value, None)),
}
