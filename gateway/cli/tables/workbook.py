"""Workbooks, by calamine: the first sheet whose head looks like a form's header.

calamine reads a whole sheet into a dense grid, so the file is looked at before (`archive`), not after.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from gateway.cli.tables import archive
from gateway.cli.tables.header import Grid, Line, read_header
from gateway.cli.tables.rows import COLUMNS_MAX, ROWS_MAX, Note, TableRefused

SHEETS_MAX: Final = 20
_OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0"
_XLS_BYTES_MAX: Final = 60 * 1024 * 1024


def read(path: Path) -> Grid:
    """The lines of the sheet that holds the list. Raises TableRefused."""
    _look_before_opening(path)
    try:
        book = CalamineWorkbook.from_path(path)
        return _grid(book)
    except PasswordError:
        raise TableRefused("file-locked", path=path.name) from None
    except (CalamineError, ValueError, OSError):
        raise TableRefused("file-damaged", path=path.name) from None


def _look_before_opening(path: Path) -> None:
    with path.open("rb") as file:
        magic = file.read(4)
    if not magic:
        raise TableRefused("file-empty", path=path.name)
    if path.suffix.lower() != ".xls":
        if magic == _OLE_MAGIC:
            raise TableRefused("file-locked", path=path.name)
        archive.check(path)
    elif magic != _OLE_MAGIC:
        raise TableRefused("file-damaged", path=path.name)
    elif path.stat().st_size > _XLS_BYTES_MAX:
        raise TableRefused("file-too-large", limit_mib=str(_XLS_BYTES_MAX >> 20))


def _grid(book: CalamineWorkbook) -> Grid:
    names = book.sheet_names[:SHEETS_MAX]
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if not _has_header(sheet):
            continue
        others = ", ".join(one[:40] for one in names if one != name)
        notes = [Note("read.sheet", {"sheet": name[:40]})]
        notes += [Note("read.other-sheets", {"sheets": others})] if others else []
        return Grid(_lines(sheet), sheet.total_height, False, tuple(notes))
    raise TableRefused("header-missing", rows="20")


def _has_header(sheet: CalamineSheet) -> bool:
    if sheet.total_height > ROWS_MAX:
        raise TableRefused("rows-too-many", limit=str(ROWS_MAX))
    if sheet.total_width > COLUMNS_MAX:
        raise TableRefused("columns-too-many", count=str(sheet.total_width), limit=str(COLUMNS_MAX))
    try:
        read_header(_lines(sheet), None)
    except TableRefused as refused:
        if refused.code == "header-missing":
            return False
        raise
    return True


def _lines(sheet: CalamineSheet) -> Generator[Line, None, None]:
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield Line(number, cells)
