"""Mẫu số 03, Thông tư 11/2022/TT-BLĐTBXH → the record's groups. Pure and tolerant.

Every key below is asked by this form, so it is present; what was not answered, or put to somebody else (the job of an
unemployed person), is None. What the form does not ask (VSIC, employer code, looking for a job, …) is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from contracts.canonical import Json, JsonObject
from contracts.codelists import load
from contracts.forms import reading
from contracts.worker import Groups

_MINORITY: Final = ("6", "8")
"""Dân tộc thiểu số: our code in TT 11's list, and in NĐ 318's, whose codes the record keeps."""
_ENTERPRISE: Final = "5"
_NO_CONTRACT: Final = "0"
_OLD_NUMBER_LENGTH: Final = 9
_SPELLINGS_CACHED_MAX: Final = 1_024


def to_groups(fields: Mapping[str, object], declared_on: str) -> Groups:
    """Map a payload (structure already checked) to groups; `declared_on` dates commune codes that carry no date."""
    given = fields.get
    return {
        "basic": _basic(fields),
        "residence": {
            "permanent": reading.address(given("thuong_tru"), declared_on),
            "current": reading.address(given("noi_o_hien_tai"), declared_on),
        },
        "education": {
            "general_education": reading.code(given("trinh_do_gdpt")),
            "technical_qualification": reading.code(given("trinh_do_cmkt")),
            "training_field": reading.text(given("chuyen_nganh")),
        },
        "situation": _situation(fields, declared_on),
        "insurance": {
            "social_insurance_number": reading.number(given("ma_so_bhxh")),
            "participation": _participation(given("tham_gia_bhxh"), given("loai_bhxh")),
        },
        "special": {"priority_groups": _priority(given("doi_tuong_uu_tien"))},
    }


def _basic(fields: Mapping[str, object]) -> JsonObject:
    given = fields.get
    number = reading.number(given("so_dinh_danh"))
    # The form's note (1): the 12-digit number, or else the old one. Anything else stays where a rule looks for it.
    old = number is not None and len(number) == _OLD_NUMBER_LENGTH and number.isascii() and number.isdigit()
    return {
        "full_name": reading.text(given("ho_ten")),
        "birth_date": reading.code(given("ngay_sinh")),
        "sex": reading.code(given("gioi_tinh")),
        "cmnd" if old else "personal_number": number,
        "ethnic_group": _ethnic_group(reading.text(given("dan_toc"))),
    }


@lru_cache(maxsize=_SPELLINGS_CACHED_MAX)
def _ethnic_group(given: str | None) -> str | None:
    """The code of a name in any known spelling; the name itself when nobody knows it."""
    return (load("ethnic_groups").code_of(given) or given) if given else None


def _situation(fields: Mapping[str, object], declared_on: str) -> JsonObject:
    given = fields.get
    has_contract, kind = reading.flag(given("co_hdld")), reading.code(given("loai_hdld"))
    if kind == _NO_CONTRACT and not has_contract:
        has_contract, kind = False, None
    return {
        "activity": reading.code(given("tinh_trang_hdkt")),
        "inactive_reason": reading.code(given("ly_do_khong_tham_gia")),
        "employment_status": reading.code(given("vi_the_viec_lam")),
        "job_title": reading.text(given("cong_viec_cu_the")),
        "has_contract": has_contract,
        "contract_kind": kind,
        "contract_started_on": reading.code(given("ngay_bat_dau_hdld")),
        "workplace_name": reading.text(given("noi_lam_viec")),
        "workplace_kind": _workplace(given("loai_hinh_noi_lam_viec"), given("loai_doanh_nghiep")),
        "workplace_address": reading.address(given("dia_chi_noi_lam_viec"), declared_on),
        "unemployment_history": reading.code(given("nguoi_that_nghiep")),
        "unemployment_duration": reading.code(given("thoi_gian_that_nghiep")),
    }


def _workplace(kind: object, enterprise: object) -> str | None:
    """The kind of enterprise is the finer answer, but only to an enterprise."""
    coarse, fine = reading.code(kind), reading.code(enterprise)
    return fine if fine is not None and coarse in (None, _ENTERPRISE) else coarse


def _participation(takes_part: object, kind: object) -> str | None:
    return "0" if takes_part is False else reading.code(kind)


def _priority(value: object) -> Json:
    ticked = reading.codes(value)
    ours, kept = _MINORITY
    if ours in ticked:
        ticked = sorted({kept if one == ours else one for one in ticked})
    return [*ticked] or None
