"""CSV: UTF-8 with or without a byte-order mark, or UTF-16 with one; comma, semicolon or tab.

Bytes that are no UTF-8 are kept as what they are until their row is read. So one row of an old font spoils only itself,
and its row error can propose what the text probably says.
"""

from __future__ import annotations

import codecs
import csv
import unicodedata
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

from contracts.legacy_text import convert_legacy, suspect_legacy
from contracts.syllables import is_plausible
from gateway.cli.tables.foreign import as_western, has_foreign_bytes, original_bytes
from gateway.cli.tables.header import Grid, Line
from gateway.cli.tables.rows import COLUMNS_MAX, LINE_BYTES_MAX, ROWS_MAX, Fault, Note, TableRefused

_DELIMITERS: Final = ",;\t|"
_PROPOSAL_LENGTH_MAX: Final = 120
_PROBE_BYTES: Final = 64 * 1024
_CELLS_KEPT_MAX: Final = 4 * COLUMNS_MAX
_CELL_LENGTH_MAX: Final = 32_767
"""What a spreadsheet's cell can hold. A quote that nobody closed swallows rows until this limit."""


def read(path: Path) -> Grid:
    """The lines of a CSV file. Raises TableRefused."""
    with path.open("rb") as file:
        probe = file.read(_PROBE_BYTES)
    if not probe.strip():
        raise TableRefused("file-empty", path=path.name)
    encoding = _encoding(probe)
    text = probe.decode(encoding, "surrogateescape" if encoding == "utf-8-sig" else "replace")
    delimiter = _delimiter(text)
    # A character that the end of the probe cuts in two is no foreign byte.
    notes = (Note("read.encoding"),) if has_foreign_bytes(text[:-4]) else ()
    return Grid(_lines(path, encoding, delimiter), _count_lines(path), True, notes)


def _encoding(probe: bytes) -> str:
    if probe.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in probe[:4_096]:
        raise TableRefused("file-not-text")
    return "utf-8-sig"


def _delimiter(text: str) -> str:
    """The separator that the first lines use most; titles above the header may have none."""
    first = text.splitlines()[:20]
    return max(_DELIMITERS, key=lambda one: max((line.count(one) for line in first), default=0))


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _bounded(file: TextIO) -> Iterator[str]:
    while line := file.readline(LINE_BYTES_MAX):
        if len(line) >= LINE_BYTES_MAX:
            raise TableRefused("line-too-long", limit=str(LINE_BYTES_MAX))
        yield line


def _lines(path: Path, encoding: str, delimiter: str) -> Generator[Line, None, None]:
    errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
    csv.field_size_limit(_CELL_LENGTH_MAX)
    with path.open(encoding=encoding, errors=errors, newline="") as file:
        reader = csv.reader(_bounded(file), delimiter=delimiter)
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                started, number = number + 1, reader.line_num
                yield Line(started, (), (Fault("quotes-open", "*", {"first": str(started), "last": str(number)}),))
                continue
            # A row that spans lines is named by its first one, where its owner will look for it.
            number, started = reader.line_num, number + 1
            if started > ROWS_MAX:
                raise TableRefused("rows-too-many", limit=str(ROWS_MAX))
            yield Line(started, cells[:_CELLS_KEPT_MAX], _encoding_faults(cells))


def _encoding_faults(cells: Sequence[str]) -> tuple[Fault, ...]:
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return _first_foreign(cells)
    return ()


def _first_foreign(cells: Sequence[str]) -> tuple[Fault, ...]:
    for index, cell in enumerate(cells):
        if has_foreign_bytes(cell):
            kind, proposal = _propose(cell)
            return (Fault("not-utf-8", f"#{index + 1}", {"kind": kind, "proposal": proposal}),)
    return ()


def _propose(cell: str) -> tuple[str, str]:
    """What the bytes probably say: a legacy font, or Windows' Vietnamese code page. Only ever shown, never sent."""
    western = as_western(cell)
    legacy = suspect_legacy(western)
    if legacy is not None:
        return legacy.upper(), convert_legacy(western, legacy)[:_PROPOSAL_LENGTH_MAX]
    vietnamese = unicodedata.normalize("NFC", original_bytes(cell).decode("cp1258", "replace"))
    words = "".join(char if char.isalpha() else " " for char in vietnamese).split()
    if words and all(is_plausible(word) for word in words):
        return "CP1258", vietnamese[:_PROPOSAL_LENGTH_MAX]
    return "?", "?"
