"""Their shapes and words: capitals, dates in two styles, census numbers of ethnic groups, old and new commune codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.lgsp import places, words
from adapters.lgsp.instants import compact, is_partial_date, spread
from adapters.lgsp.plain_text import clean
from contracts import communes, ethnic
from contracts.canonical import Json, JsonObject
from contracts.names import title_case

CITIZEN_PATH: Final = "/csdldc/1.0/congdan"
WORKER_PATH: Final = "/csdldc/1.0/nguoilaodong"
EXISTS: Final = "XacThucThongTinCongDan"
CITIZEN: Final = "TraCuuThongTinCongDan"
UPDATE: Final = "CapNhatThongTinLaoDong"
READ_BACK: Final = "TraCuuThongTinLaoDong"
CHANGES: Final = "LayThayDoi"
FEED_END: Final = str(10**15)

UNKNOWN_SEX: Final = "0"
_SEXES: Final[Mapping[str, Json]] = {"1": "1", "2": "2"}
_PRIORITY: Final = {"8": "6"}
"""NĐ 318's code of "ethnic minority" → TT 11's; what 6 and 7 mean in NĐ 318 has no word here."""


def capitals(value: Json) -> str | None:
    """A name as it is sent."""
    text = clean(value)
    return clean(text.upper()) if text else None


def heard_name(value: Json) -> str | None:
    """A name as people write it. Capitals are how it travels, not how it is spelt."""
    text = clean(value)
    return title_case(text) if text and text.isupper() else text


def said_date(value: Json) -> JsonObject | None:
    """`NgayThangNam`, or `Nam` when no day is known: of a year with a month only the year can be said."""
    if not isinstance(value, str) or not is_partial_date(value):
        return None
    return {"NgayThangNam": compact(value)} if len(value) == 10 else {"Nam": value[:4]}


def heard_date(value: Json) -> str | None:
    """A partial date of either style."""
    if not isinstance(value, dict):
        return None
    given = value.get("NgayThangNam") or value.get("Nam")
    return spread(compact(given.strip())) if isinstance(given, str) else None


def said_address(value: Json) -> Json:
    """`MaTinhThanh`, `MaPhuongXa`, `ChiTiet`: today's codes; a code that ended with the districts is left out."""
    if not isinstance(value, dict):
        return None
    province, code, on = places.said_codes(value)
    said: dict[str, Json] = {
        "MaTinhThanh": province,
        "MaPhuongXa": code if on and on >= communes.TWO_TIER_FROM else None,
        "ChiTiet": clean(value.get("detail")),
    }
    return {name: part for name, part in said.items() if part is not None} or None


def heard_address(value: Json) -> JsonObject | None:
    """One of our addresses. `MaQuanHuyen` with a value dates the codes before 01/07/2025."""
    if not isinstance(value, dict):
        return None
    province, commune, one_code = (value.get(name) for name in ("MaTinhThanh", "MaPhuongXa", "MaDonViHanhChinh"))
    if isinstance(one_code, str) and not commune:
        province, commune = (one_code if len(one_code) == 2 else province), (one_code if len(one_code) == 5 else None)
    on = places.BEFORE_TWO_TIER if value.get("MaQuanHuyen") else communes.TWO_TIER_FROM
    return places.heard_address(province, commune, on, value.get("ChiTiet"))


def said_ethnic_group(value: Json) -> str | None:
    """The census number."""
    return ethnic.gso_code(value) if isinstance(value, str) else None


def heard_ethnic_group(value: Json) -> str | None:
    """Our code of a census number, flat or as `MaDanToc`."""
    code = value.get("MaDanToc") if isinstance(value, dict) else value
    return ethnic.from_gso(code.strip()) if isinstance(code, str) else None


def _said_day(value: Json) -> Json:
    return compact(value) if isinstance(value, str) and len(value) == 10 and is_partial_date(value) else None


def _heard_day(value: Json) -> Json:
    text = spread(compact(value.strip())) if isinstance(value, str) else None
    return text if text is not None and len(text) == 10 else None


KINDS: Final[words.Kinds] = {
    "text": words.text,
    "code": words.code,
    "flag": words.flag,
    "capitals": lambda _: words.Kind(capitals, heard_name),
    "partial_date": lambda _: words.Kind(said_date, heard_date),
    "date": lambda _: words.Kind(_said_day, _heard_day),
    "sex": lambda _: words.mapped(_SEXES),
    "ethnic_group": lambda _: words.Kind(said_ethnic_group, heard_ethnic_group),
    "address": lambda _: words.Kind(said_address, heard_address),
    "priority": lambda pattern: words.code_list(pattern, _PRIORITY),
}
