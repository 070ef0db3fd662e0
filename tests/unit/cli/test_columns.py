"""Headers in all the spellings that people use."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from contracts.forms import FORMS, spec
from gateway.cli.columns import IGNORED, column_of

# The header row of the province's earlier software, as its import file has it.
LEGACY = [
    "STT",
    "Ngày thu thập",
    "Họ và tên",
    "CMND/CCCD/Số định danh",
    "Ngày cấp",
    "Ngày sinh",
    "Giới tính",
    "Nơi thường trú",
    "Email",
    "Số điện thoại",
    "Dân tộc",
    "Tôn Giáo",
    "Quốc tịch",
    "Đối tượng ưu tiên",
    "Trình độ giáo dục phổ thông cao nhất",
    "Trình độ CMKT cao nhất",
    "Công việc đang làm",
    "Nơi làm việc",
    "Địa chỉ nơi làm việc",
    "Thời gian thất nghiệp",
    "Nguyên nhân không tham gia HĐKT",
    "Nhu cầu đào tạo",
    "Loại biến động",
]


def test_every_heading_of_the_earlier_software_is_known() -> None:
    found = {header: column_of("tt11_mau03", header) for header in LEGACY}
    assert [header for header, column in found.items() if column is None] == []
    asked = {header: column.target for header, column in found.items() if column and column is not IGNORED}
    assert asked["CMND/CCCD/Số định danh"] == "so_dinh_danh"
    assert asked["Ngày thu thập"] == "@collected_on"
    assert asked["Nguyên nhân không tham gia HĐKT"] == "ly_do_khong_tham_gia"
    assert len(asked) == 15


@pytest.mark.parametrize("form", FORMS)
def test_every_field_is_found_by_its_name_and_by_its_label(form: str) -> None:
    for field in spec(form).fields:
        if field.kind == "heading":
            continue
        for header in (field.name, field.label_vi, field.label_vi.upper()):
            column = column_of(form, header)  # type: ignore[arg-type]  # FORMS holds form names
            assert column is not None, header
            assert column.field == field.name, header


@pytest.mark.parametrize(
    "header", ["Họ và tên", "HỌ VÀ TÊN", "ho va ten", " Họ  và tên ", "Họ và tên (*)", "Ho_va_ten"]
)
def test_case_accents_and_signs_do_not_matter(header: str) -> None:
    column = column_of("tt11_mau03", header)
    assert column is not None
    assert column.target == "ho_ten"


def test_one_forms_field_name_is_never_the_other_forms_heading() -> None:
    assert column_of("nd318", "loai_hdld") is None
    column = column_of("nd318", "Loại HĐLĐ")
    assert column is not None
    assert column.target == "hdld.loai"


def test_the_map_names_only_fields_that_exist() -> None:
    text = resources.files("gateway.cli.columns").joinpath("headers.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        for form in FORMS if row["form"] == "*" else (row["form"],):
            field = row["target"].partition(".")[0]
            known = field in spec(form).by_name or field.startswith("@") or field == "-"
            assert known or row["form"] == "*", row
