"""A workbook is a ZIP file: look at its directory, and at its sheets' extent, before anything unpacks it.

A few kilobytes can unpack to gigabytes, and a sheet of two cells (A1 and XFD1048576) becomes a grid of 17 thousand
million. Both are found here without holding more than one block of the file.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from gateway.cli.sheets.bounds import COLUMNS_MAX, ROWS_MAX, TableRefused

FILE_BYTES_MAX: Final = 100 * 1024 * 1024
UNPACKED_BYTES_MAX: Final = 200 * 1024 * 1024
MEMBERS_MAX: Final = 500
RATIO_MAX: Final = 100
_RATIO_COUNTS_FROM: Final = 10 * 1024 * 1024
"""Small lists of the same words pack very well; below this size a ratio says nothing."""

_DIRECTORY_BYTES_MAX: Final = 1024 * 1024
_DOCUMENT_TYPE: Final = b"<!DOCTYPE"
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x07"
_END_BYTES: Final = 22
_COMMENT_BYTES_MAX: Final = 65_535
_BLOCK: Final = 1 << 20
_OVERLAP: Final = 256

# Excel, LibreOffice and the usual libraries all write the place of a row or cell as its first attribute.
_PLACED: Final = (b'<c r="', b'<row r="')
_TAGS: Final = (b"<c ", b"<c>", b"<c/", b"<row ", b"<row>", b"<row/")
_PREFIXED: Final = (b":c ", b":c>", b":c/", b":row")
# ROWS_MAX and COLUMNS_MAX (column IV) as patterns: they run over every byte of a sheet, so each begins with a literal.
_CELL_TOO_FAR_RIGHT: Final = re.compile(rb'<c r="(?:[A-Z]{3,}|[J-Z][A-Z]|I[W-Z])\d')
_ROW_TOO_FAR_DOWN: Final = re.compile(rb'<row r="0*(?:2(?!00000")\d{5}|[3-9]\d{5}|[1-9]\d{6,})"')
_CELL_TOO_FAR_DOWN: Final = re.compile(rb'<c r="[A-Z]*0*(?:2(?!00000")\d{5}|[3-9]\d{5}|[1-9]\d{6,})"')
# A tag that the block does not close ends with it: else each of a million of them would be looked for to the end.
_ROW_OR_CELL: Final = re.compile(rb"<(?:\w+:)?(row|c)((?:\s[^>]*)?)(?:/?>|\Z)")
_PLACE: Final = re.compile(rb"""\sr\s*=\s*["']([A-Z]{0,9})(\d{1,9})["']""")
_ODS_PIECE: Final = re.compile(rb"<table:(table-row|table-cell|covered-table-cell)\b([^>]*)(?:>|\Z)")
_ODS_REPEATED: Final = re.compile(rb'number-(?:rows|columns)-repeated="(\d{1,9})"')


def check(path: Path) -> None:
    """Raises TableRefused when the archive is damaged, or larger inside than any list of a commune."""
    if path.stat().st_size > FILE_BYTES_MAX:
        raise TableRefused("file-too-large", limit_mib=str(FILE_BYTES_MAX >> 20))
    _check_end(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, path)
            _check_members(archive, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise TableRefused("file-damaged", path=path.name) from None


def _check_end(path: Path) -> None:
    """The count of members stands at the end; a directory of millions must not even be read."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES_MAX - _END_BYTES))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise TableRefused("file-damaged", path=path.name)
    members, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    if (
        members > MEMBERS_MAX
        or directory_bytes > _DIRECTORY_BYTES_MAX
        or tail[max(0, at - 20) : at].startswith(_END_64)
    ):
        raise TableRefused("archive-bomb", path=path.name)


def _check_directory(archive: zipfile.ZipFile, path: Path) -> None:
    members = archive.infolist()
    if any(_leaves_the_archive(member.filename) for member in members):
        raise TableRefused("archive-unsafe", path=path.name, part="../")
    unpacked = sum(member.file_size for member in members)
    too_dense = unpacked > _RATIO_COUNTS_FROM and unpacked > RATIO_MAX * path.stat().st_size
    if len(members) > MEMBERS_MAX or unpacked > UNPACKED_BYTES_MAX or too_dense:
        raise TableRefused("archive-bomb", path=path.name)


def _leaves_the_archive(name: str) -> bool:
    """Nothing is ever unpacked to a folder; but a member that names another place was made to harm somebody."""
    return name.startswith(("/", "\\")) or ":" in name or ".." in name.replace("\\", "/").split("/")


def _check_members(archive: zipfile.ZipFile, path: Path) -> None:
    """Unpack block by block: a member longer than the directory says fails by its checksum."""
    for member in archive.infolist():
        if member.filename.endswith((".xml", ".rels")):
            with closing(_blocks(archive, member)) as blocks:
                _check_extent(member.filename, _without_entities(blocks, path))


def _without_entities(blocks: Iterator[bytes], path: Path) -> Iterator[bytes]:
    """No spreadsheet program writes a document type; who does wants entities: other files, or text without end."""
    for block in blocks:
        if _DOCUMENT_TYPE in block:
            raise TableRefused("archive-unsafe", path=path.name, part="DOCTYPE")
        yield block


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Generator[bytes, None, None]:
    """Blocks that each begin with the end of the one before, so that nothing hides on the border."""
    with archive.open(member) as file:
        before = b""
        while block := file.read(_BLOCK):
            yield before + block
            before = block[-_OVERLAP:]


def _check_extent(name: str, blocks: Iterator[bytes]) -> None:
    if name.startswith("xl/worksheets/"):
        _check_sheet(blocks)
    elif name == "content.xml":
        _check_open_document(blocks)
    else:
        for _ in blocks:
            pass


def _check_sheet(blocks: Iterator[bytes]) -> None:
    rows = cells = 0
    for block in blocks:
        if _CELL_TOO_FAR_RIGHT.search(block):
            raise _too_wide(">256")
        if _CELL_TOO_FAR_DOWN.search(block) or _ROW_TOO_FAR_DOWN.search(block):
            raise TableRefused("rows-too-many", limit=str(ROWS_MAX))
        placed, tags = (sum(map(block.count, kinds)) for kinds in (_PLACED, _TAGS))
        if placed != tags or any(kind in block for kind in _PREFIXED):
            rows, cells = _walk(block, rows, cells)


def _walk(block: bytes, rows: int, cells: int) -> tuple[int, int]:
    """Tag by tag: a row or cell that does not say where it stands follows the one before."""
    for found in _ROW_OR_CELL.finditer(block):
        place = _PLACE.search(found[2])
        if found[1] == b"row":
            rows, cells = (int(place[2]) if place else rows + 1), 0
        else:
            cells = _column(place[1]) if place else cells + 1
            rows = max(rows, int(place[2])) if place else rows
        if rows > ROWS_MAX:
            raise TableRefused("rows-too-many", limit=str(ROWS_MAX))
        # Twice, since the border of two blocks is walked twice.
        if cells > 2 * COLUMNS_MAX:
            raise _too_wide(str(cells))
    return rows, cells


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


def _too_wide(count: str) -> TableRefused:
    return TableRefused("columns-too-many", count=count, limit=str(COLUMNS_MAX))


def _check_open_document(blocks: Iterator[bytes]) -> None:
    """Rows and cells may be repeated by a number; only those before the last cell with a value become a grid."""
    rows = pending_rows = cells = repeat = 0
    for block in blocks:
        for piece in _ODS_PIECE.finditer(block):
            found = _ODS_REPEATED.search(piece[2])
            times = int(found[1]) if found else 1
            if piece[1] == b"table-row":
                pending_rows, cells, repeat = pending_rows + times, 0, times
            elif b"value-type=" in piece[2] or cells:
                cells += times if b"value-type=" in piece[2] else 0
                rows, pending_rows = rows + pending_rows, 0
            if rows > ROWS_MAX or (repeat > ROWS_MAX and cells):
                raise TableRefused("rows-too-many", limit=str(ROWS_MAX))
            if cells > 2 * COLUMNS_MAX:
                raise _too_wide(str(cells))
