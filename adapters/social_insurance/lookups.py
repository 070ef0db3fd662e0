"""The three documented look-ups (public guide of the NGSP services), typed. They say nothing of participation.

What their codes mean is not documented in full; "found" and "not found" are as `contracts/external` has them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from adapters.lgsp import words
from adapters.lgsp.faults import not_an_answer
from adapters.lgsp.plain_text import clean
from adapters.social_insurance import wire
from contracts.adapter_port import CannotTranslate, Refused
from contracts.canonical import Json, JsonObject

Ask: TypeAlias = Callable[[str, JsonObject], Awaitable[JsonObject]]
"""(operation, question) → answer. Raises TryLater; Refused with detail `code …` for a code that is no success."""

_NOT_FOUND: Final = frozenset({"code 0", "code 01"})


@dataclass(frozen=True, slots=True)
class Insured:
    """Whom a social-insurance number belongs to. Birth-registration codes are of the time of registration."""

    full_name: str
    birth_date: str | None
    sex: str | None
    old_book_number: str | None
    birth_province: str | None
    birth_district: str | None
    birth_commune: str | None


@dataclass(frozen=True, slots=True)
class Criteria:
    """By what a person is looked for; sex "1" or "2" of ours. Birth-registration codes narrow the search."""

    full_name: str
    birth_date: str
    sex: str | None
    birth_province: str | None = None
    birth_district: str | None = None
    birth_commune: str | None = None
    by_birth_place: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """A person as a member of a household."""

    social_insurance_number: str
    full_name: str
    birth_date: str | None
    sex: str | None
    household_code: str | None
    address: str | None


async def lookup_by_number(ask: Ask, number: str) -> Insured | None:
    """`getTraCuuTtHgdByMaSoBhxh`: whose number is this? Raises TryLater or Refused."""
    answer = await _found(ask, wire.BY_NUMBER, {"maSoBhxh": number})
    if answer is None:
        return None
    return Insured(
        full_name=_name(answer),
        birth_date=wire.heard_birth_date(answer.get("ngaySinh"), answer.get("loaiNgaySinh")),
        sex=_sex(answer),
        old_book_number=_text(answer, "soSoCu"),
        birth_province=_text(answer, "maTinhKs"),
        birth_district=_text(answer, "maHuyenKs"),
        birth_commune=_text(answer, "maXaKs"),
    )


async def find_number(ask: Ask, criteria: Criteria) -> str | None:
    """`getMaSoBhxhTheoTieuChi`: which number has this person? Refused(`several-people`) when more than one fits."""
    question = _question(criteria)
    for name, value in (
        ("maTinhKs", criteria.birth_province),
        ("maHuyenKs", criteria.birth_district),
        ("maXaKs", criteria.birth_commune),
    ):
        if value is not None:
            question[name] = value
    answer = await _found(ask, wire.BY_CRITERIA, question)
    if answer is None:
        return None
    number = _text(answer, "maSoBhxh")
    if number is None:
        raise not_an_answer("found, but without a number")
    return number


async def household(ask: Ask, criteria: Criteria) -> Member | None:
    """`getTraCuuThongTinHgd`: number, household and address of a person. Raises TryLater or Refused."""
    question = _question(criteria)
    if criteria.birth_province is not None:
        question["maTinh"] = criteria.birth_province
    answer = await _found(ask, wire.HOUSEHOLD, question)
    if answer is None:
        return None
    number = _text(answer, "maSo")
    if number is None:
        raise not_an_answer("found, but without a number")
    return Member(
        social_insurance_number=number,
        full_name=_name(answer),
        birth_date=wire.heard_birth_date(answer.get("ngaySinh"), answer.get("loaiNgaySinh")),
        sex=_sex(answer),
        household_code=_text(answer, "maHo"),
        address=clean(answer.get("diaChi")),
    )


async def _found(ask: Ask, operation: str, question: JsonObject) -> JsonObject | None:
    try:
        return await ask(operation, question)
    except Refused as refused:
        if refused.detail in _NOT_FOUND:
            return None
        raise


def _question(criteria: Criteria) -> JsonObject:
    name, born = clean(criteria.full_name), wire.said_birth_date(criteria.birth_date)
    if name is None:
        raise CannotTranslate("full-name-missing")
    if born is None:
        raise CannotTranslate("birth-date-unfit")
    return {
        "hoTen": name,
        "ngaySinh": born[0],
        "loaiNgaySinh": born[1],
        "gioiTinh": wire.SEXES.get(criteria.sex or "", wire.UNKNOWN_SEX),
        "isKs": "1" if criteria.by_birth_place else "0",
    }


def _name(answer: Mapping[str, Json]) -> str:
    name = clean(answer.get("hoTen"))
    if name is None:
        raise not_an_answer("found, but without a name")
    return name


def _sex(answer: Mapping[str, Json]) -> str | None:
    value = answer.get("gioiTinh")
    return value if isinstance(value, str) and value in wire.SEXES else None


def _text(answer: Mapping[str, Json], name: str) -> str | None:
    value = words.heard_text(answer.get(name))
    return value if isinstance(value, str) else None
