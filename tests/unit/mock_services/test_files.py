"""Generated entries are well built and tell of the same people in every format."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from contracts.entry import Entry
from contracts.forms import check
from contracts.legacy_text import convert_legacy, suspect_legacy
from mock_services.files.entries import FORMS, EntryPlan, FormChoice, entries
from mock_services.files.sample_rows import headers, make_sample
from mock_services.files.workbook import write_sample_workbook
from mock_services.files.writers import columns, write_entries
from mock_services.people.world import World

ON = date(2026, 8, 31)


def _plan(size: int, form: FormChoice = "mixed", flawed: float = 0.0) -> EntryPlan:
    return EntryPlan(World(size, 7), form, ON, flawed)


@pytest.mark.parametrize("form", FORMS)
def test_every_entry_is_built_like_its_form(form: FormChoice) -> None:
    for entry in entries(_plan(600, form)):
        read = Entry.model_validate(entry)
        assert check(read.form, read.fields) == ()
        assert "2026-08-03" < read.declared_on <= "2026-08-31"


def test_a_mixed_file_has_both_forms() -> None:
    assert {entry["form"] for entry in entries(_plan(100))} == {"tt11_mau03", "nd318"}


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    assert write_entries(one, _plan(200)) == write_entries(other, _plan(200)) == 200
    assert one.read_bytes() == other.read_bytes()


def test_a_share_of_entries_is_flawed_when_asked_for() -> None:
    sound, flawed = list(entries(_plan(1_000))), list(entries(_plan(1_000, flawed=0.1)))
    differing = sum(one != other for one, other in zip(sound, flawed, strict=True))
    assert 60 < differing < 140


def _table_rows(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as table:
            return list(csv.DictReader(table))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = [[value or "" for value in row] for row in sheet.iter_rows(values_only=True)]
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_table_holds_what_the_lines_hold(tmp_path: Path, suffix: str) -> None:
    table, lines = tmp_path / f"e{suffix}", tmp_path / "e.jsonl"
    write_entries(table, _plan(50))
    write_entries(lines, _plan(50))
    told = [orjson.loads(line) for line in lines.read_bytes().splitlines()]
    for row, entry in zip(_table_rows(table), told, strict=True):
        assert tuple(row) == columns("mixed")
        assert row["key"] == entry["key"]
        assert row["so_dinh_danh"] == entry["fields"]["so_dinh_danh"]
        assert row["thuong_tru.ma_xa"] == entry["fields"]["thuong_tru"]["ma_xa"]


def test_another_format_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.jsonl, \.csv or \.xlsx"):
        write_entries(tmp_path / "e.pdf", _plan(1))


def test_the_sample_has_two_hundred_rows_with_the_accidents_of_an_office() -> None:
    sample = make_sample(World(2_000, 7))
    assert len(sample.rows) == 200
    numbers = [row["CMND/CCCD/Số định danh"] for row in sample.rows]
    assert sum(isinstance(number, int) for number in numbers) == 7
    assert len(numbers) - len(set(numbers)) >= 6
    assert sum(str(row["Ngày sinh"]).endswith("2014") for row in sample.rows) == 4
    assert {type(row["Ngày sinh"]) for row in sample.rows} >= {str, date}
    (place, header) = next(iter(sample.legacy))
    typed = str(sample.rows[place][header])
    assert suspect_legacy(typed) == "tcvn3"
    assert convert_legacy(typed, "tcvn3").isprintable()


def test_sample_numbers_belong_to_people_of_the_world_except_children() -> None:
    world = World(2_000, 7)
    strangers = [
        row
        for row in make_sample(world).rows
        if len(str(row["CMND/CCCD/Số định danh"] or "")) == 12
        and world.find(str(row["CMND/CCCD/Số định danh"])) is None
    ]
    assert len(strangers) == 4


def test_the_shipped_workbook_is_the_one_that_the_program_makes(tmp_path: Path) -> None:
    made = tmp_path / "sample.xlsx"
    write_sample_workbook(made, World(2_000, 7))
    shipped = Path(__file__).parents[3] / "mock_services" / "samples" / "phieu_nguoi_lao_dong.xlsx"
    cells = [
        [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]
        for path in (made, shipped)
    ]
    assert cells[0] == cells[1]
    assert tuple(cells[0][0]) == headers()
