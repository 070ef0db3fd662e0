"""Entries as .jsonl, .csv and .xlsx.

A table has one column per value: the members of the entry under their own names, the form's fields under theirs, and
members of composite values with a dot (`thuong_tru.ma_xa`, `hdld.loai`). Codes of a list are joined with `;`, booleans
are `true` and `false`, an empty cell is a value left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import xlsxwriter

from contracts.entry import FormName
from contracts.forms import spec
from mock_services.files.entries import Entry, EntryPlan, entries

ENTRY_COLUMNS: Final = (
    "form",
    "declared_on",
    "collected_on",
    "commune",
    "village",
    "investigator",
    "campaign",
    "slip_kind",
    "update_source",
    "key",
)
_ADDRESS: Final = ("ma_tinh", "ma_xa", "ngay_ma", "chi_tiet")
_MEMBERS: Final = {
    "address": _ADDRESS,
    "place": (*_ADDRESS, "khu_cong_nghiep"),
    "contract": ("loai", "ngay_bat_dau"),
    "qualification": ("ma", "nganh"),
}
_FORMS_OF: Final[dict[str, tuple[FormName, ...]]] = {
    "tt11_mau03": ("tt11_mau03",),
    "nd318": ("nd318",),
    "mixed": ("tt11_mau03", "nd318"),
}
XLSX_ROWS_MAX: Final = 1_048_575


def write_entries(path: Path, plan: EntryPlan) -> int:
    """Write all entries in the format that the file's name says; gives their number. Raises ValueError for another."""
    match path.suffix:
        case ".jsonl":
            return _write_jsonl(path, plan)
        case ".csv":
            return _write_csv(path, plan)
        case ".xlsx":
            return _write_xlsx(path, plan)
        case other:
            raise ValueError(f"{other or path.name}: .jsonl, .csv or .xlsx is expected")


def columns(form: str) -> tuple[str, ...]:
    """The columns of a table for a form choice."""
    found = dict.fromkeys(ENTRY_COLUMNS)
    for name in _FORMS_OF[form]:
        for field in spec(name).fields:
            if field.kind != "heading":
                members = _MEMBERS.get(field.kind)
                found.update(dict.fromkeys([field.name] if members is None else [f"{field.name}.{m}" for m in members]))
    return tuple(found)


def cells(entry: Entry) -> dict[str, str]:
    """The entry's values by column."""
    found = {name: str(entry[name]) for name in ENTRY_COLUMNS if entry.get(name) is not None}
    for name, value in entry["fields"].items():
        if isinstance(value, dict):
            found.update({f"{name}.{member}": _cell(one) for member, one in value.items() if one is not None})
        else:
            found[name] = _cell(value)
    return found


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ";".join(value) if isinstance(value, list) else str(value)


def _write_jsonl(path: Path, plan: EntryPlan) -> int:
    count = 0
    with path.open("wb") as out:
        for entry in entries(plan):
            out.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


def _rows(plan: EntryPlan) -> Iterator[list[str]]:
    names = columns(plan.form)
    for entry in entries(plan):
        values = cells(entry)
        yield [values.get(name, "") for name in names]


def _write_csv(path: Path, plan: EntryPlan) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns(plan.form))
        for row in _rows(plan):
            writer.writerow(row)
            count += 1
    return count


def _write_xlsx(path: Path, plan: EntryPlan) -> int:
    if plan.world.size > XLSX_ROWS_MAX:
        raise ValueError(f"a sheet has at most {XLSX_ROWS_MAX} rows")
    count = 0
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as workbook:
        sheet = workbook.add_worksheet("Phiếu")
        sheet.write_row(0, 0, columns(plan.form))
        for row in _rows(plan):
            count += 1
            sheet.write_row(count, 0, row)
    return count
