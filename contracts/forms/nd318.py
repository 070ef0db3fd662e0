"""The electronic form of Nghị định 318/2025/NĐ-CP Điều 4 → the record's groups. Pure and tolerant; see `tt11_mau03`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contracts.canonical import JsonObject
from contracts.forms import reading
from contracts.worker import Groups

NO_CONTRACT: Final = "0"


def to_groups(fields: Mapping[str, object], declared_on: str) -> Groups:
    """Map a payload (structure already checked) to groups; `declared_on` dates commune codes that carry no date."""
    given = fields.get
    qualification = reading.members(given("trinh_do_cmkt"))
    return {
        "basic": {
            "full_name": reading.text(given("ho_ten")),
            "birth_date": reading.code(given("ngay_sinh")),
            "sex": reading.code(given("gioi_tinh")),
            "personal_number": reading.number(given("so_dinh_danh")),
        },
        "residence": {
            "permanent": reading.address(given("thuong_tru"), declared_on),
            "temporary": reading.address(given("tam_tru"), declared_on),
        },
        "education": {
            "general_grade": reading.text(given("lop_gdpt")),
            "technical_qualification": reading.code(qualification.get("ma")),
            "training_field": reading.text(qualification.get("nganh")),
        },
        "situation": _situation(fields, declared_on),
        "insurance": {
            "social_insurance_number": reading.number(given("ma_so_bhxh")),
            "participation": reading.code(given("tham_gia_bhxh")),
        },
        "special": {"priority_groups": [*reading.codes(given("dac_thu"))] or None},
        "needs": {"job_seeking": reading.flag(given("nhu_cau"))},
    }


def _situation(fields: Mapping[str, object], declared_on: str) -> JsonObject:
    given = fields.get
    contract = reading.members(given("hdld"))
    kind = reading.code(contract.get("loai"))
    place = given("dia_diem_lam_viec")
    return {
        "activity": reading.code(given("tinh_trang_hdkt")),
        "inactive_reason": reading.code(given("ly_do")),
        "job_title": reading.text(given("chuc_vu")),
        "occupation": reading.code(given("nghe_nghiep")),
        "has_contract": None if kind is None else kind != NO_CONTRACT,
        "contract_kind": None if kind == NO_CONTRACT else kind,
        "contract_started_on": reading.code(contract.get("ngay_bat_dau")),
        "workplace_name": reading.text(given("ten_nsdld")),
        "workplace_kind": reading.code(given("loai_hinh")),
        "workplace_address": reading.address(place, declared_on),
        "in_industrial_zone": reading.flag(reading.members(place).get("khu_cong_nghiep")),
        "employer_code": reading.code(given("ma_so_nsdld")),
        "employer_address": reading.address(given("tru_so"), declared_on),
        "industry": reading.code(given("nganh_kinh_te")),
        "unemployment_duration": reading.code(given("thoi_gian_that_nghiep")),
        "unemployment_reason": reading.code(given("ly_do_that_nghiep")),
    }
