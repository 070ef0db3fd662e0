"""The sample workbook."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from mock_services.files.sample_rows import TCVN3_FONT, Value, make_sample
from mock_services.people.world import World

# Fixed, so that the same world always gives the same file.
_MADE_AT: Final = datetime(2026, 7, 20, 8, 0)  # noqa: DTZ001 - a workbook's properties know no time zone


def write_sample_workbook(path: Path, world: World) -> None:
    """Write the 200 rows below one header row."""
    sample = make_sample(world)
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_properties({"created": _MADE_AT})
        bold = workbook.add_format({"bold": True, "font_name": "Times New Roman"})
        plain = workbook.add_format({"font_name": "Times New Roman"})
        legacy = workbook.add_format({"font_name": TCVN3_FONT})
        day = workbook.add_format({"num_format": "dd/mm/yyyy", "font_name": "Times New Roman"})
        sheet = workbook.add_worksheet("Danh sách lao động")
        sheet.freeze_panes(1, 3)
        for column, header in enumerate(sample.headers):
            sheet.write_string(0, column, header, bold)
            sheet.set_column(column, column, min(max(len(header), 10), 30))
        for number, row in enumerate(sample.rows):
            for column, header in enumerate(sample.headers):
                style = legacy if (number, header) in sample.legacy else plain
                _write(sheet, number + 1, column, row[header], style, day)


def _write(sheet: Worksheet, row: int, column: int, value: Value, style: Format, day: Format) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, int):
        sheet.write_number(row, column, value, style)
    elif value is not None:
        sheet.write_string(row, column, value, style)
