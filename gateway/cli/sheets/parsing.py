"""Workbooks, by calamine, in the process that is confined for it.

calamine reads a whole sheet into a dense grid, so the file is looked at before (`archive`), not after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from gateway.cli.sheets import archive
from gateway.cli.sheets.bounds import COLUMNS_MAX, HEAD_ROWS, LINE_BYTES_MAX, ROWS_MAX, TableRefused
from gateway.cli.sheets.telling import REST, row_told, told

SHEETS_MAX: Final = 20
_OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0"
_XLS_BYTES_MAX: Final = 60 * 1024 * 1024


def tell(path: Path, asked: BinaryIO, out: BinaryIO) -> None:
    """The rows of the sheet that the listener chooses. Raises TableRefused, and OSError when nobody listens."""
    _look_before_opening(path)
    try:
        _tell_book(CalamineWorkbook.from_path(path), asked, out)
    except BrokenPipeError:
        raise
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


def _tell_book(book: CalamineWorkbook, asked: BinaryIO, out: BinaryIO) -> None:
    names = book.sheet_names[:SHEETS_MAX]
    out.write(told({"book": names}))
    for name in names:
        sheet = book.get_sheet_by_name(name)
        _check_size(sheet)
        out.write(told({"sheet": [sheet.total_height, sheet.total_width]}))
        rows: Iterator[Sequence[object]] = iter(sheet.iter_rows())
        head = _tell_rows(islice(rows, HEAD_ROWS), out)
        out.write(told({"head": head}))
        out.flush()
        if asked.readline(16) == REST:
            _tell_rows(rows, out)
            break
    out.write(told({"end": True}))
    out.flush()


def _check_size(sheet: CalamineSheet) -> None:
    if sheet.total_height > ROWS_MAX:
        raise TableRefused("rows-too-many", limit=str(ROWS_MAX))
    if sheet.total_width > COLUMNS_MAX:
        raise TableRefused("columns-too-many", count=str(sheet.total_width), limit=str(COLUMNS_MAX))


def _tell_rows(rows: Iterator[Sequence[object]], out: BinaryIO) -> int:
    count = 0
    for cells in rows:
        line = row_told(cells)
        if len(line) > LINE_BYTES_MAX:
            raise TableRefused("line-too-long", limit=str(LINE_BYTES_MAX))
        out.write(line)
        count += 1
    return count
