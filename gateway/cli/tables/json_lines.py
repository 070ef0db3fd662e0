"""JSON lines: one entry per line, as `contracts/forms/README.md` shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from gateway.api.strict_json import read_json
from gateway.cli.tables.rows import LINE_BYTES_MAX, ROWS_MAX, Defaults, Fault, Note, Row, Table, TableRefused
from gateway.errors import ContractViolated

_BOM: Final = b"\xef\xbb\xbf"


def read(path: Path, defaults: Defaults) -> Table:
    """The entries of a file; what the sender says of the whole file fills members that a line leaves out."""
    if path.stat().st_size == 0:
        raise TableRefused("file-empty", path=path.name)
    with path.open("rb") as file:
        about = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    return Table(defaults.form, _rows(path, defaults), about, (Note("read.json-lines"),))


def _rows(path: Path, defaults: Defaults) -> Iterator[Row]:
    with path.open("rb") as file:
        for number, line in enumerate(_bounded(file), start=1):
            text = line.removeprefix(_BOM) if number == 1 else line
            if text.strip():
                yield _row(number, text, defaults)


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    for count, line in enumerate(iter(lambda: file.readline(LINE_BYTES_MAX), b"")):
        if len(line) >= LINE_BYTES_MAX:
            raise TableRefused("line-too-long", limit=str(LINE_BYTES_MAX))
        if count >= ROWS_MAX:
            raise TableRefused("rows-too-many", limit=str(ROWS_MAX))
        yield line


def _row(number: int, text: bytes, defaults: Defaults) -> Row:
    try:
        entry = read_json(text)
    except ContractViolated as error:
        return Row(number, None, (Fault(error.code, ", ".join(error.fields) or "*"),))
    if not isinstance(entry, dict):
        return Row(number, None, (Fault("wrong-type", "*"),))
    for name, value in (("form", defaults.form), ("declared_on", defaults.declared_on), ("commune", defaults.commune)):
        if value is not None:
            entry.setdefault(name, value)
    return Row(number, entry)
