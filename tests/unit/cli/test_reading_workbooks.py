"""Workbooks: typed cells, the earlier software's layout, and files made to harm."""

from __future__ import annotations

import struct
import time
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from gateway.cli.sheets.archive import check
from gateway.cli.tables import Defaults, Row, TableRefused, open_table, read_rows
from tests.unit.cli.conftest import HEADER, PERSON
from tests.unit.cli.test_columns import LEGACY

DEFAULTS = Defaults(declared_on="2026-07-05")
SECOND = 1.0


def workbook(path: Path, *rows: list[Any], skip: int = 0, title: str = "DS") -> Path:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet(title)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number + skip, column + 1, value)
    return path


def only(path: Path, defaults: Defaults = DEFAULTS) -> Row:
    (row,) = read_rows(path, defaults)
    return row


def fields_of(row: Row) -> dict[str, Any]:
    assert row.entry is not None, row.faults
    fields = row.entry["fields"]
    assert isinstance(fields, dict)
    return dict(fields)


def legacy_row(**cells: Any) -> list[Any]:
    return [cells.get(header.replace(" ", "_").replace("/", "_"), "") for header in LEGACY]


def test_numbers_dates_and_booleans_are_read_as_what_the_cell_means(tmp_path: Path) -> None:
    cells = ["Lò Văn Mẫu", date(1990, 5, 12), "Nam", 12090000123, "xã Bum Tở", 4.0, 1, 1]
    row = only(workbook(tmp_path / "a.xlsx", list(HEADER), cells, skip=2))
    assert row.number == 4
    found = fields_of(row)
    assert found["ngay_sinh"] == "1990-05-12"
    assert found["so_dinh_danh"] == "12090000123"
    assert (found["trinh_do_gdpt"], found["tinh_trang_hdkt"]) == ("4", "1")


def test_a_number_shown_as_a_serial_is_a_date(tmp_path: Path) -> None:
    cells = [PERSON[0], 33005, *PERSON[2:]]
    assert fields_of(only(workbook(tmp_path / "a.xlsx", list(HEADER), cells)))["ngay_sinh"] == "1990-05-12"


def test_the_earlier_softwares_layout_is_a_form(tmp_path: Path) -> None:
    cells = {
        "STT": 1,
        "Ngày_thu_thập": "20/7/2026",
        "Họ_và_tên": "Lò Thị Mẫu",
        "CMND_CCCD_Số_định_danh": "012190000123",
        "Ngày_sinh": "1990",
        "Giới_tính": "Nữ",
        "Nơi_thường_trú": "Bản Mẫu, xã Ka Lăng, huyện Mường Tè, tỉnh Lai Châu",
        "Dân_tộc": "Thái",
        "Đối_tượng_ưu_tiên": "Thuộc hộ nghèo; Người khuyết tật",
        "Trình_độ_giáo_dục_phổ_thông_cao_nhất": "Tốt nghiệp THCS",
        "Trình_độ_CMKT_cao_nhất": "chưa qua đào tạo",
        "Công_việc_đang_làm": "Trồng chè",
    }
    row = only(workbook(tmp_path / "a.xlsx", LEGACY, legacy_row(**cells)), Defaults())
    assert row.entry is not None
    assert (row.entry["declared_on"], row.entry["collected_on"]) == ("2026-07-20", "2026-07-20")
    found = fields_of(row)
    assert found["tinh_trang_hdkt"] == "1"
    assert found["dan_toc"] == "03"
    assert found["doi_tuong_uu_tien"] == ["2", "1", "6"]
    assert (found["trinh_do_gdpt"], found["trinh_do_cmkt"]) == ("3", "1")
    assert found["thuong_tru"]["chi_tiet"] == cells["Nơi_thường_trú"]


def test_the_status_stays_open_when_two_answers_contradict_each_other(tmp_path: Path) -> None:
    cells = legacy_row(
        Ngày_thu_thập="20/7/2026", Họ_và_tên="A", Công_việc_đang_làm="x", Thời_gian_thất_nghiệp="Dưới 3 tháng"
    )
    assert "tinh_trang_hdkt" not in fields_of(only(workbook(tmp_path / "a.xlsx", LEGACY, cells), Defaults()))


def test_kinh_is_no_minority(tmp_path: Path) -> None:
    cells = legacy_row(Ngày_thu_thập="20/7/2026", Họ_và_tên="A", Dân_tộc="Kinh")
    found = fields_of(only(workbook(tmp_path / "a.xlsx", LEGACY, cells), Defaults()))
    assert "dan_toc" not in found
    assert "doi_tuong_uu_tien" not in found


def test_a_kind_of_enterprise_answers_both_steps_of_the_question(tmp_path: Path) -> None:
    header = [*HEADER, "Loại hình nơi làm việc"]
    found = fields_of(only(workbook(tmp_path / "a.xlsx", header, [*PERSON, "Doanh nghiệp FDI"])))
    assert (found["loai_hinh_noi_lam_viec"], found["loai_doanh_nghiep"]) == ("5", "53")


def test_the_sheet_with_the_list_is_found_and_the_others_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Hướng dẫn").write(0, 0, "Đọc trước")
        book.add_worksheet("Phiếu").write_row(0, 0, HEADER)
    keys = {note.key: note.values for note in open_table(path, DEFAULTS).notes}
    assert keys["read.sheet"] == {"sheet": "Phiếu"}
    assert keys["read.other-sheets"] == {"sheets": "Hướng dẫn"}


def test_text_in_an_old_font_goes_on_for_the_rule_that_proposes_its_reading(tmp_path: Path) -> None:
    cells = ["Lß V¨n MÉu", *PERSON[1:]]
    assert fields_of(only(workbook(tmp_path / "a.xlsx", list(HEADER), cells)))["ho_ten"] == "Lß V¨n MÉu"


def refused_in_a_moment(path: Path) -> str:
    started = time.monotonic()
    with pytest.raises(TableRefused) as refused:
        open_table(path, DEFAULTS)
    assert time.monotonic() - started < SECOND
    return refused.value.code


def with_sheet(path: Path, content: bytes) -> Path:
    """A real workbook whose sheet is replaced."""
    real = workbook(path.with_name("real.xlsx"), list(HEADER), list(PERSON))
    with zipfile.ZipFile(real) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, content if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return path


def test_a_file_that_unpacks_to_much_more_is_not_opened(tmp_path: Path) -> None:
    path = with_sheet(tmp_path / "a.xlsx", b"<a>" + b" " * (30 << 20) + b"</a>")
    assert refused_in_a_moment(path) == "archive-bomb"


def test_a_file_of_very_many_members_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2_000):
            archive.writestr(f"{number}.xml", b"")
    assert refused_in_a_moment(path) == "archive-bomb"


def test_a_member_longer_than_the_directory_says_is_found(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", list(HEADER), list(PERSON))
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 10)
    path.write_bytes(bytes(data))
    assert refused_in_a_moment(path) == "file-damaged"


CELL = '<c r="{place}" t="inlineStr"><is><t>x</t></is></c>'
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ('<row r="1">' + CELL.format(place="XFD1") + "</row>", "columns-too-many"),
        ('<row r="1">' + CELL.format(place="IW1") + "</row>", "columns-too-many"),
        ('<row r="1048576">' + CELL.format(place="A1048576") + "</row>", "rows-too-many"),
        ('<row r="1">' + CELL.format(place="A1048576") + "</row>", "rows-too-many"),
        ("<row r='1'><c r = 'XFD1'><v>1</v></c></row>", "columns-too-many"),
        ("<row>" + "<c><v>1</v></c>" * 2_000 + "</row>", "columns-too-many"),
        ("<row>" + '<c t="n"/><x r="A1"/>' * 2_000 + "</row>", "columns-too-many"),
        ('<x:row xmlns:x="y"><x:c r="XFD1"/></x:row>', "columns-too-many"),
    ],
)
def test_a_sheet_that_would_become_an_endless_grid_is_not_opened(tmp_path: Path, rows: str, code: str) -> None:
    assert refused_in_a_moment(with_sheet(tmp_path / "a.xlsx", SHEET.format(rows).encode())) == code


def test_column_256_and_row_200000_are_within_the_limits(tmp_path: Path) -> None:
    rows = '<row r="1">' + CELL.format(place="IV1") + '</row><row r="200000">' + CELL.format(place="A200000") + "</row>"
    check(with_sheet(tmp_path / "a.xlsx", SHEET.format(rows).encode()))


def open_document(path: Path, rows: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content>{rows}</office:document-content>")
    return path


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (
            '<table:table-row table:number-rows-repeated="900000"><table:table-cell office:value-type="float"/>',
            "rows-too-many",
        ),
        (
            '<table:table-row><table:table-cell table:number-columns-repeated="9000" office:value-type="float"/>',
            "columns-too-many",
        ),
        (
            '<table:table-row table:number-rows-repeated="900000"><table:table-cell/></table:table-row>'
            '<table:table-row><table:table-cell office:value-type="float"/>',
            "rows-too-many",
        ),
    ],
)
def test_repeated_rows_and_cells_of_an_open_document_are_counted(tmp_path: Path, rows: str, code: str) -> None:
    assert refused_in_a_moment(open_document(tmp_path / "a.ods", rows)) == code


def test_the_empty_rest_of_an_open_document_is_no_bomb(tmp_path: Path) -> None:
    rows = (
        '<table:table-row><table:table-cell office:value-type="string"/>'
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/>'
    )
    check(open_document(tmp_path / "a.ods", rows))


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
def test_what_is_no_workbook_is_said_to_be_damaged(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 nothing more")
    assert refused_in_a_moment(path) == "file-damaged"


def test_a_workbook_with_a_password_is_said_to_have_one(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    assert refused_in_a_moment(path) == "file-locked"
