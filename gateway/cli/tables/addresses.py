"""Addresses written in one cell: "Bản Mẫu, xã Bum Tở, tỉnh Lai Châu"."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from contracts import communes
from contracts.canonical import JsonObject
from contracts.codelists import load
from contracts.names import normalize, unaccented_key

_PROVINCE: Final = re.compile(r"(?:TINH |T\. ?)?LAI CHAU")
_DISTRICT: Final = re.compile(r"(?:HUYEN|H\.|THANH PHO|TP\.?)\s*(\S.*)")
_COMMUNE_KIND: Final = re.compile(r"(?:XA|PHUONG|THI TRAN|X\.|P\.|TT\.)\s*\S")
_PARTS_MAX: Final = 8
_Key = tuple[str, str]


def read_address(text: str, declared_on: str) -> JsonObject:
    """The commune if its name is beyond doubt, and the rest as `chi_tiet`; else the whole text as `chi_tiet`.

    A name means today's commune only in a statement of today's numbering; before 1 July 2025 the same name was another
    area. An address with a district is an old one: its unit's successor is known, and the text stays whole.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > _PARTS_MAX or declared_on < communes.TWO_TIER_FROM:
        return {"chi_tiet": text}
    keys = [unaccented_key(part) for part in parts]
    if len(parts) > 1 and _PROVINCE.fullmatch(keys[-1]):
        del parts[-1], keys[-1]
    district = next((found[1] for key in keys if (found := _DISTRICT.fullmatch(key))), None)
    if district is not None:
        return _old(text, keys, district, declared_on)
    for index in range(len(parts) - 1, -1, -1):
        if code := _commune(parts[index], keys[index], last=index == len(parts) - 1):
            detail = ", ".join(normalize(part) for at, part in enumerate(parts) if at != index)
            return _located(code, detail, declared_on)
    return {"chi_tiet": text}


def commune_code(text: str) -> str:
    """A commune column: a code as it stands, or the code of a name; what is neither stays, for a rule to name."""
    found = None if text.isdigit() else communes.find(text)
    return found.code if found else text


def _commune(part: str, key: str, *, last: bool) -> str | None:
    """A bare name counts only at the end, and only if it was no district: "Mường Tè" alone may be either."""
    if not _COMMUNE_KIND.match(key) and (not last or key in _district_names()):
        return None
    found = communes.find(part)
    return found.code if found else None


def _old(text: str, keys: list[str], district: str, declared_on: str) -> JsonObject:
    for key in keys:
        code = _old_units().get((_short(key), district.strip()))
        if code is not None and _COMMUNE_KIND.match(key):
            return _located(code, text, declared_on)
    return {"chi_tiet": text}


def _located(code: str, detail: str, declared_on: str) -> JsonObject:
    located: JsonObject = {"ma_tinh": communes.PROVINCE_CODE, "ma_xa": code, "ngay_ma": declared_on}
    if detail:
        located["chi_tiet"] = detail
    return located


_KIND: Final = re.compile(r"(?:XA|PHUONG|THI TRAN|HUYEN|THANH PHO)\s+|(?:X|P|TT)\.\s*")


def _short(key: str) -> str:
    kind = _KIND.match(key)
    return key[kind.end() :] if kind else key


@cache
def _district_names() -> frozenset[str]:
    return frozenset(_short(unaccented_key(row["name_vi"])) for row in load("laichau_old_districts").rows)


@cache
def _old_units() -> dict[_Key, str]:
    """(unit, district) without kind and accents → today's code; two units that differ only in kind are left out."""
    found: dict[_Key, set[str]] = {}
    for unit in communes.old_units():
        key = (_short(unaccented_key(unit.old_name)), _short(unaccented_key(unit.old_district)))
        found.setdefault(key, set()).add(unit.new_code)
    return {key: next(iter(codes)) for key, codes in found.items() if len(codes) == 1}
