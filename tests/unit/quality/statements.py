"""Synthetic statements without a fault, and what the rules say of them once something is changed."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from contracts.entry import Finding, FormName
from contracts.forms import to_groups
from contracts.worker import Groups
from gateway.quality import QualitySettings, Subject, Verdict, judge

SETTINGS = QualitySettings()
HOME = {"ma_tinh": "12", "ma_xa": "03388", "ngay_ma": "2025-12-05", "chi_tiet": "Tổ 9"}
FARM = {"ma_tinh": "12", "ma_xa": "03390", "ngay_ma": "2025-12-05", "chi_tiet": "Bản Mẫu"}

TT11_PERSON: dict[str, Any] = {
    "xa": "03388",
    "ho_ten": "Lò Thị Mẫu",
    "ngay_sinh": "1994-05-12",
    "gioi_tinh": "2",
    "so_dinh_danh": "012194000123",
    "thuong_tru": HOME,
    "trinh_do_gdpt": "4",
    "trinh_do_cmkt": "5",
    "chuyen_nganh": "Kế toán",
    "ngay_khai": "2025-12-05",
}
TT11_EMPLOYED = TT11_PERSON | {
    "ma_so_bhxh": "1200000456",
    "tinh_trang_hdkt": "1",
    "vi_the_viec_lam": "4",
    "cong_viec_cu_the": "Kế toán viên",
    "tham_gia_bhxh": True,
    "loai_bhxh": "1",
    "co_hdld": True,
    "loai_hdld": "2",
    "ngay_bat_dau_hdld": "2024-03-01",
    "noi_lam_viec": "Công ty chè Mẫu Lai Châu",
    "loai_hinh_noi_lam_viec": "5",
    "loai_doanh_nghiep": "52",
    "dia_chi_noi_lam_viec": HOME,
}
TT11_UNEMPLOYED = TT11_PERSON | {"tinh_trang_hdkt": "2", "nguoi_that_nghiep": "2", "thoi_gian_that_nghiep": "1"}
TT11_INACTIVE = TT11_PERSON | {"tinh_trang_hdkt": "3", "ly_do_khong_tham_gia": "3"}
ND318_PERSON: dict[str, Any] = {
    "ho_ten": "Giàng A Mẫu",
    "ngay_sinh": "1988-02-03",
    "gioi_tinh": "1",
    "so_dinh_danh": "012088000456",
    "thuong_tru": HOME,
    "lop_gdpt": "12/12",
    "trinh_do_cmkt": {"ma": "7", "nganh": "Kỹ thuật điện"},
}
ND318_EMPLOYED = ND318_PERSON | {
    "ma_so_bhxh": "1200000789",
    "tinh_trang_hdkt": "1",
    "tham_gia_bhxh": "1",
    "chuc_vu": "Kỹ sư vận hành",
    "nghe_nghiep": "21",
    "hdld": {"loai": "2", "ngay_bat_dau": "2024-03-01"},
    "dia_diem_lam_viec": {**FARM, "khu_cong_nghiep": False},
    "ten_nsdld": "Công ty điện Mẫu Lai Châu",
    "ma_so_nsdld": "6200000000",
    "loai_hinh": "52",
    "tru_so": HOME,
    "nganh_kinh_te": "351",
    "nhu_cau": False,
}
ND318_UNEMPLOYED = ND318_PERSON | {
    "tinh_trang_hdkt": "2",
    "tham_gia_bhxh": "0",
    "thoi_gian_that_nghiep": "2",
    "ly_do_that_nghiep": "3",
    "nhu_cau": True,
}
ND318_INACTIVE = ND318_PERSON | {"tinh_trang_hdkt": "3", "ly_do": "3"}
INSURED: dict[str, Any] = {
    "basic": {"full_name": "Vàng Thị Mẫu", "birth_date": "1985-07-08", "personal_number": "012185000321", "cmnd": None},
    "insurance": {
        "social_insurance_number": "1200000987",
        "participation": "1",
        "unemployment_insurance": True,
        "insured_from": "2020-01",
        "insured_to": None,
        "movement": "TM",
    },
}


@dataclass(frozen=True)
class Said:
    """A statement: form (None: another database), its fields or groups, and the days around it."""

    form: FormName | None
    content: dict[str, Any]
    declared_on: str
    received_on: dt.date
    collected_on: str | None = None
    settings: QualitySettings = field(default=SETTINGS)

    def subject(self) -> Subject:
        content = copy.deepcopy(self.content)
        if self.form is None:
            groups: Groups = content  # type: ignore[assignment]  # a test writes groups as plain dictionaries
            return Subject(None, {}, groups, self.declared_on, self.received_on, self.settings)
        groups = to_groups(self.form, content, self.declared_on)
        return Subject(self.form, content, groups, self.declared_on, self.received_on, self.settings, self.collected_on)

    def verdict(self) -> Verdict:
        return judge(self.subject())

    def finding(self, rule: str) -> Finding | None:
        return next((one for one in self.verdict().findings if one.rule == rule), None)


def tt11(base: dict[str, Any] = TT11_EMPLOYED, *, on: str = "2025-12-05", **changes: Any) -> Said:
    content = base | {"ngay_khai": on} | changes
    return Said("tt11_mau03", content, on, dt.date(2025, 12, 20), "2025-12-06")


def nd318(base: dict[str, Any] = ND318_EMPLOYED, *, on: str = "2026-07-05", **changes: Any) -> Said:
    return Said("nd318", base | changes, on, dt.date(2026, 7, 20), "2026-07-06")


def database(on: str = "2026-07-05", **groups: dict[str, Any]) -> Said:
    """A statement of another database: the base's groups with some members changed, and further groups."""
    content = {**INSURED, **{name: {**INSURED.get(name, {}), **values} for name, values in groups.items()}}
    return Said(None, content, on, dt.date(2026, 7, 20))
