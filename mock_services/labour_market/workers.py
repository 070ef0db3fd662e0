"""Workers here: what is refused, and what a placement or a wish for a job changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mock_services.people.person import Person

Worker = dict[str, Any]
_JOB: Final = (
    "vi_the_viec_lam",
    "chuc_danh",
    "ma_nghe",
    "co_hdld",
    "loai_hdld",
    "ngay_bat_dau_hdld",
    "noi_lam_viec",
    "loai_hinh_noi_lam_viec",
    "dia_chi_noi_lam_viec",
    "trong_khu_cong_nghiep",
    "ma_nsdld",
    "dia_chi_nsdld",
    "ma_nganh_kinh_te",
)
_UNEMPLOYED: Final = ("da_tung_lam_viec", "thoi_gian_that_nghiep", "ly_do_that_nghiep")
_INACTIVE: Final = ("ly_do_khong_tham_gia",)


def contradicts(worker: Mapping[str, Any]) -> bool:
    """Whether answers stand that the activity does not allow."""
    activity = worker.get("tinh_trang_hdkt")
    barred = (("1", _JOB), ("2", _UNEMPLOYED), ("3", _INACTIVE))
    return any(worker.get(name) is not None for own, names in barred if activity != own for name in names)


def placed(worker: Mapping[str, Any], placement: Mapping[str, Any]) -> Worker:
    """Employed at the placement's employer; whatever the former situation said is gone."""
    gone = {*_JOB, *_UNEMPLOYED, *_INACTIVE}
    kept = {name: value for name, value in worker.items() if name not in gone}
    job: Worker = {
        "tinh_trang_hdkt": "1",
        "vi_the_viec_lam": "4",
        "chuc_danh": placement.get("chuc_danh"),
        "ma_nghe": placement.get("ma_nghe"),
        "co_hdld": placement.get("loai_hdld") is not None,
        "loai_hdld": placement.get("loai_hdld"),
        "ngay_bat_dau_hdld": placement["ngay_nhan_viec"] if placement.get("loai_hdld") is not None else None,
        "noi_lam_viec": placement["ten_nsdld"],
        "loai_hinh_noi_lam_viec": placement.get("loai_hinh_noi_lam_viec"),
        "ma_nsdld": placement.get("ma_nsdld"),
        "nhu_cau_tim_viec": False,
    }
    return {**kept, **{name: value for name, value in job.items() if value is not None}}


def introduced(person: Person) -> Worker:
    """Somebody who comes to the job centre in person: identity alone."""
    date = "/".join(reversed(person.birth_date.split("-")))
    return {
        "so_dinh_danh": person.personal_number,
        "ho_ten": person.full_name,
        "ngay_sinh": date,
        "gioi_tinh": 1 if person.sex == "1" else 0,
    }
