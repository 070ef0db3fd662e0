"""CSV as it comes out of Excel and of old programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli.tables import Defaults, Row, TableRefused, open_table, read_rows
from tests.unit.cli.conftest import HEADER, PERSON

DEFAULTS = Defaults(declared_on="2026-07-05")


def rows_of(path: Path, defaults: Defaults = DEFAULTS) -> list[Row]:
    return list(read_rows(path, defaults))


def raw(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def fields_of(row: Row) -> dict[str, object]:
    assert row.entry is not None, row.faults
    fields = row.entry["fields"]
    assert isinstance(fields, dict)
    return dict(fields)


def test_labels_dates_and_addresses_become_what_the_form_writes(csv_file: Callable[..., Path]) -> None:
    (row,) = rows_of(csv_file([PERSON]))
    assert row.number == 2
    assert row.entry is not None
    assert (row.entry["form"], row.entry["declared_on"]) == ("tt11_mau03", "2026-07-05")
    assert fields_of(row) == {
        "ho_ten": "Lò Văn Mẫu",
        "ngay_sinh": "1990-05-12",
        "gioi_tinh": "1",
        "so_dinh_danh": "012090000123",
        "thuong_tru": {"ma_tinh": "12", "ma_xa": "03433", "ngay_ma": "2026-07-05", "chi_tiet": "Bản Mẫu"},
        "trinh_do_gdpt": "4",
        "trinh_do_cmkt": "1",
        "tinh_trang_hdkt": "1",
    }


@pytest.mark.parametrize("number", ["12090000123", "1.2E+10", "1,20E+10", "không có"])
def test_a_damaged_number_is_passed_on_as_it_stands(csv_file: Callable[..., Path], number: str) -> None:
    (row,) = rows_of(csv_file([(*PERSON[:3], number, *PERSON[4:])]))
    assert fields_of(row)["so_dinh_danh"] == number


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_excel_saves_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in (HEADER, PERSON))
    path = raw(tmp_path / "ds.csv", text.encode(encoding))
    assert fields_of(rows_of(path)[0])["ho_ten"] == "Lò Văn Mẫu"


def test_a_row_in_an_old_font_spoils_only_itself_and_is_never_guessed_silently(tmp_path: Path) -> None:
    good = ",".join(f'"{cell}"' for cell in PERSON).encode()
    old = good.replace("Lò Văn Mẫu".encode(), "Lß V¨n MÉu".encode("cp1252"))
    path = raw(tmp_path / "ds.csv", b"\n".join([",".join(HEADER).encode(), good, old, good]))
    first, second, third = rows_of(path)
    assert first.entry is not None
    assert third.entry is not None
    assert second.entry is None
    (fault,) = second.faults
    assert (fault.rule, fault.values["kind"], fault.values["proposal"]) == ("not-utf-8", "TCVN3", "Lò Văn Mẫu")


def test_the_vietnamese_code_page_of_windows_is_proposed(tmp_path: Path) -> None:
    bad = ",".join(PERSON[:4]).replace("Lò Văn Mẫu", "Lo\u0300 Văn Mâ\u0301n").encode("cp1258")
    header = ",".join(HEADER[:4])
    path = raw(tmp_path / "ds.csv", b"\n".join([(header + ",x,y").encode(), bad + b",,"]))
    with pytest.raises(TableRefused, match="columns-missing"):
        rows_of(path)
    path = raw(tmp_path / "ds.csv", b"\n".join([",".join(HEADER).encode(), bad + b",,,,"]))
    (fault,) = rows_of(path)[0].faults
    assert (fault.values["kind"], fault.values["proposal"]) == ("CP1258", "Lò Văn Mấn")


@pytest.mark.parametrize("extra", [400, 9])
def test_a_row_with_too_many_cells_names_their_number(csv_file: Callable[..., Path], extra: int) -> None:
    wide = [*PERSON, *["x"] * (extra - len(PERSON))]
    first, second = rows_of(csv_file([wide, PERSON]))
    assert [fault.rule for fault in first.faults] == ["cell-count"]
    assert first.faults[0].values == {"given": str(extra), "wanted": "8"}
    assert second.entry is not None


def test_a_row_with_too_few_cells_is_not_filled_up(csv_file: Callable[..., Path]) -> None:
    (row,) = rows_of(csv_file([PERSON[:5]]))
    assert [fault.rule for fault in row.faults] == ["cell-count"]


def test_empty_cells_beyond_the_header_do_not_matter(csv_file: Callable[..., Path]) -> None:
    assert rows_of(csv_file([[*PERSON, "", ""]]))[0].entry is not None


def test_an_empty_row_is_no_row(csv_file: Callable[..., Path]) -> None:
    assert [row.number for row in rows_of(csv_file([[""] * 8, PERSON, [" "] * 8]))] == [3]


def test_a_quote_that_nobody_closes_is_told_with_the_lines_it_swallowed(tmp_path: Path) -> None:
    good = ",".join(f'"{cell}"' for cell in PERSON)
    lines = [",".join(HEADER), good, '"Lò Văn', *([good.replace('"', "'")] * 600), '"', good]
    path = raw(tmp_path / "ds.csv", "\n".join(lines).encode())
    rows = rows_of(path)
    faults = [fault for row in rows for fault in row.faults]
    assert "quotes-open" in {fault.rule for fault in faults}
    assert rows[0].entry is not None


def test_titles_above_the_header_are_passed_over(tmp_path: Path) -> None:
    text = "UBND XÃ MẪU\n\nDANH SÁCH\n" + ",".join(HEADER) + "\n" + ",".join(f'"{cell}"' for cell in PERSON)
    (row,) = rows_of(raw(tmp_path / "ds.csv", text.encode()))
    assert row.number == 5


def test_missing_columns_are_refused_by_their_labels_before_anything_is_read(csv_file: Callable[..., Path]) -> None:
    with pytest.raises(TableRefused) as refused:
        rows_of(csv_file([PERSON[:-1]], HEADER[:-1]), Defaults("tt11_mau03", "2026-07-05"))
    assert refused.value.code == "columns-missing"
    assert refused.value.values["columns"] == "Tình trạng tham gia hoạt động kinh tế"


def test_without_any_date_the_file_is_refused(csv_file: Callable[..., Path]) -> None:
    with pytest.raises(TableRefused, match="date-missing"):
        rows_of(csv_file([PERSON]), Defaults())


def test_an_unreadable_date_of_the_statement_is_a_row_error(csv_file: Callable[..., Path]) -> None:
    header = [*HEADER, "Ngày khai"]
    first, second = rows_of(csv_file([[*PERSON, "hôm qua"], [*PERSON, "5/7/2026"]], header))
    assert [(fault.rule, fault.field) for fault in first.faults] == [("date-unreadable", "declared_on")]
    assert second.entry is not None
    assert second.entry["declared_on"] == "2026-07-05"


def test_the_same_question_in_two_columns_is_refused(csv_file: Callable[..., Path]) -> None:
    with pytest.raises(TableRefused, match="column-twice"):
        rows_of(csv_file([[*PERSON, "Nam"]], [*HEADER, "Giới tính"]))


def test_columns_that_nobody_asks_for_are_named_once(csv_file: Callable[..., Path]) -> None:
    table = open_table(csv_file([[*PERSON, "1", "x"]], [*HEADER, "Chiều cao", "STT"]), DEFAULTS)
    (ignored,) = [note for note in table.notes if note.key == "read.ignored"]
    assert ignored.values["columns"] == "Chiều cao, STT"


def test_a_table_of_both_forms_takes_each_row_by_its_own(csv_file: Callable[..., Path]) -> None:
    header = ["form", *HEADER, "loai_hdld", "hdld.loai", "trinh_do_cmkt.ma", "lop_gdpt"]
    rows = [
        ["tt11_mau03", *PERSON, "1", "", "", ""],
        ["nd318", *PERSON[:5], "", "", "1", "", "2", "7", "9/12"],
        ["nd319", *PERSON, "", "", "", ""],
    ]
    old, new, strange = rows_of(csv_file(rows, header))
    assert fields_of(old)["loai_hdld"] == "1"
    assert "hdld" not in fields_of(old)
    assert fields_of(new)["hdld"] == {"loai": "2"}
    assert fields_of(new)["trinh_do_cmkt"] == {"ma": "7"}
    assert [fault.rule for fault in strange.faults] == ["form-unknown"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"", "file-empty"),
        ("a.csv", b"\x00\x01\x02\x00", "file-not-text"),
        ("a.csv", b"x,y\n1,2\n", "header-missing"),
        ("a.csv", b"ho_ten," * 10 + b"x" * 2_000_000, "line-too-long"),
        ("a.pdf", b"%PDF", "file-kind-unknown"),
    ],
)
def test_files_that_are_no_table_are_refused_with_a_code(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    with pytest.raises(TableRefused, match=code):
        rows_of(raw(tmp_path / name, data))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableRefused, match="file-missing"):
        rows_of(tmp_path / "nowhere.csv")
