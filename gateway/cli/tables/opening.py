"""A file by its name → the table in it."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.tables import delimited, json_lines, workbook
from gateway.cli.tables.assemble import assembled
from gateway.cli.tables.header import Grid, read_header
from gateway.cli.tables.rows import Defaults, Table, TableRefused

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
DELIMITED = frozenset({".csv", ".tsv", ".txt"})
JSON_LINES = frozenset({".jsonl", ".ndjson"})


def open_table(path: Path, defaults: Defaults) -> Table:
    """Look at the file, find its header, and be ready to read. Raises TableRefused with a sentence's code."""
    if not path.is_file():
        raise TableRefused("file-missing", path=str(path))
    suffix = path.suffix.lower()
    try:
        if suffix in JSON_LINES:
            return json_lines.read(path, defaults)
        if suffix in DELIMITED:
            return _table(delimited.read(path), defaults)
        if suffix in WORKBOOKS:
            return _table(workbook.read(path), defaults)
    except OSError as error:
        raise TableRefused("file-unreadable", path=path.name, cause=error.strerror or "") from None
    raise TableRefused("file-kind-unknown", path=path.name)


def _table(grid: Grid, defaults: Defaults) -> Table:
    try:
        layouts, rest = read_header(grid.lines, defaults.form)
        layouts.demand(defaults)
    except TableRefused:
        grid.lines.close()
        raise
    form = None if layouts.mixed else layouts.main.form
    rows = assembled(layouts, rest, defaults, exact=grid.exact)
    return Table(form, rows, grid.rows_about, (*grid.notes, *layouts.notes()))
