"""A worker's situation as the agency wants it (RECON): what is refused, and what participation changes in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from contracts.communes import PROVINCE_CODE, current
from mock_services.social_insurance.insured import Insured, Spell

Worker = dict[str, Any]
Result = tuple[str, str | None]

DONE: Final[Result] = ("00", None)
NOT_OURS: Final[Result] = ("04", "Mã số BHXH không thuộc người này")
INVALID: Final[Result] = ("03", "Dữ liệu không hợp lệ")
_JOB: Final = ("viTheViecLam", "tenDonVi", "maDonVi", "loaiHdld", "ngayBatDauHdld")


def judge(worker: object, insured: Insured, valid: Callable[[object], str | None]) -> Result:
    """The result for one item; `valid` is the schema of an item."""
    fault = valid(worker)
    if fault is not None or not isinstance(worker, dict):
        return "03", f"Dữ liệu không hợp lệ: {fault}"
    if len(worker["ngaySinh"]) != {"0": 8, "1": 4, "2": 6}[worker["loaiNgaySinh"]]:
        return INVALID
    if worker.get("tinhTrangViecLam") != "1" and any(worker.get(name) is not None for name in _JOB):
        return INVALID
    if not _unit_exists(worker):
        return INVALID
    number = worker.get("maSoBhxh")
    owner = None if number is None else insured.find(number)
    if owner is not None and owner.personal_number != worker["soDinhDanh"]:
        return NOT_OURS
    return DONE


def after_participation(worker: Mapping[str, Any], spell: Spell) -> Worker:
    """The situation held, with the agency's own word on participation."""
    return {**worker, "loaiHinhThamGia": "0" if spell["trangThai"] == "GH" else spell["loaiHinhThamGia"]}


def _unit_exists(worker: Mapping[str, Any]) -> bool:
    commune, valid_on = worker.get("maXa"), worker.get("ngayMa")
    if commune is None or worker.get("maTinh") != PROVINCE_CODE:
        return True
    on = None if valid_on is None else f"{valid_on[:4]}-{valid_on[4:6]}-{valid_on[6:]}"
    return current(commune, on) is not None
