"""The TT 11 form as one Pydantic model: what a team would write, and what both rivals of row 1 validate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Code = Annotated[str, StringConstraints(max_length=50)]
Words = Annotated[str, StringConstraints(max_length=500)]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
PartialDay = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
CommuneCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
NumberText = Annotated[str, StringConstraints(pattern=r"^[0-9]{9,12}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Address(_Strict):
    """A residence or a workplace."""

    ma_tinh: Code
    ma_xa: CommuneCode
    ngay_ma: Day
    chi_tiet: Words


class Fields(_Strict):
    """The form's own fields, under its own names."""

    tinh: Code | None
    xa: Code | None
    ho_ten: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    ngay_sinh: PartialDay
    gioi_tinh: Literal["1", "2"]
    so_dinh_danh: NumberText
    ma_so_bhxh: NumberText | None
    thuong_tru: Address
    noi_o_hien_tai: Address | None
    doi_tuong_uu_tien: list[Code]
    dan_toc: Code | None
    trinh_do_gdpt: Code
    trinh_do_cmkt: Code
    chuyen_nganh: Words | None
    tinh_trang_hdkt: Literal["1", "2", "3"]
    ly_do_khong_tham_gia: Code | None
    vi_the_viec_lam: Code | None
    cong_viec_cu_the: Words | None
    tham_gia_bhxh: bool | None
    loai_bhxh: Code | None
    co_hdld: bool | None
    loai_hdld: Code | None
    ngay_bat_dau_hdld: Day | None
    noi_lam_viec: Words | None
    loai_hinh_noi_lam_viec: Code | None
    loai_doanh_nghiep: Code | None
    dia_chi_noi_lam_viec: Address | None
    nguoi_that_nghiep: Code | None
    thoi_gian_that_nghiep: Code | None
    ngay_khai: Day | None
    nguoi_cung_cap: Words | None


class EntryForm(_Strict):
    """The entry around the fields."""

    form: Literal["tt11_mau03"]
    declared_on: Day
    commune: CommuneCode
    investigator: Words
    campaign: Words
    slip_kind: Literal["collect", "add", "change"]
    key: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    fields: Fields


class ReceiptBody(BaseModel):
    """What both rivals answer."""

    id: str
    state: str
    worker_id: str | None
    version: int | None
