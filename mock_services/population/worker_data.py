"""Worker data (RECON): reading an element, writing one, and what this database refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from contracts.communes import TWO_TIER_FROM, current
from mock_services.people.world import name_key
from mock_services.population.citizens import Citizens
from mock_services.population.soap import local, xml_of
from mock_services.specifications import sequence

Worker = dict[str, Any]
_BOOLEANS: Final = frozenset({"CoHDLD", "NhuCauTimViec"})
_JOB: Final = (
    "ViTheViecLam",
    "CongViec",
    "MaNghe",
    "NoiLamViec",
    "LoaiHinhNoiLamViec",
    "DiaChiNoiLamViec",
    "CoHDLD",
    "LoaiHDLD",
    "NgayBatDauHDLD",
)
_UNEMPLOYED: Final = ("DaTungLamViec", "ThoiGianThatNghiep")
_ADDRESSES: Final = ("ThuongTru", "NoiOHienTai", "DiaChiNoiLamViec")
_BEFORE: Final = "2025-06-30"

Refusal = tuple[str, str]
DONE: Final[Refusal] = ("00", "Thành công")
_NOT_FOUND: Final[Refusal] = ("01", "Không tìm thấy công dân")
_DIFFERS: Final[Refusal] = ("02", "Thông tin nhân thân không khớp CSDLQG về dân cư")
_CONTRADICTS: Final[Refusal] = ("03", "Dữ liệu lao động không hợp lệ")
_NO_SUCH_UNIT: Final[Refusal] = ("04", "Mã đơn vị hành chính không hợp lệ")


def read_worker(element: etree._Element) -> Worker:
    """The shape of the feed's `NguoiLaoDong`, members in the order of the XSD."""
    worker: Worker = {}
    for child in element:
        name = local(child)
        if name in _BOOLEANS:
            worker[name] = child.text in {"true", "1"}
        elif name == "DoiTuongUuTien":
            worker[name] = [code.text or "" for code in child]
        elif len(child):
            worker[name] = {local(part): part.text or "" for part in child}
        elif name in _ADDRESSES:
            worker[name] = {}
        else:
            worker[name] = child.text or ""
    return worker


def ordered(worker: Mapping[str, Any]) -> Worker:
    """Members in the order of the XSD, None left out; unknown members last, for the validator to find."""
    names = sequence("population", "nguoilaodong.xsd", "NguoiLaoDong")
    known = {name: worker[name] for name in names if worker.get(name) is not None}
    return {**known, **{name: value for name, value in worker.items() if name not in names}}


def write_worker(worker: Worker) -> str:
    """The element."""
    return f"<NguoiLaoDong>{xml_of(worker)}</NguoiLaoDong>"


def judge(worker: Worker, citizens: Citizens) -> Refusal:
    """The result code and message for one person."""
    identity = citizens.identity(worker["SoDinhDanh"])
    if identity is None:
        return _NOT_FOUND
    date = worker["NgayThangNamSinh"]
    claimed = (name_key(worker["HoVaTen"]), (date.get("NgayThangNam") or date["Nam"])[:4])
    if claimed != identity:
        return _DIFFERS
    if _contradicts(worker):
        return _CONTRADICTS
    return DONE if all(_unit_exists(worker[name]) for name in _ADDRESSES if name in worker) else _NO_SUCH_UNIT


def _contradicts(worker: Worker) -> bool:
    activity = worker.get("TinhTrangHDKT")
    return (
        (activity != "1" and any(name in worker for name in _JOB))
        or (activity != "2" and any(name in worker for name in _UNEMPLOYED))
        or (activity != "3" and "LyDoKhongThamGia" in worker)
        or (worker.get("CoHDLD") is not True and ("LoaiHDLD" in worker or "NgayBatDauHDLD" in worker))
    )


def _unit_exists(address: Mapping[str, str]) -> bool:
    commune = address.get("MaPhuongXa")
    if commune is None or address.get("MaTinhThanh") != "12":
        return True
    return current(commune, _BEFORE if address.get("MaQuanHuyen") else TWO_TIER_FROM) is not None
