"""Reading what officers send: workbooks, CSV and JSON lines become entries, row by row. Nothing is sent here."""

from collections.abc import Iterator
from pathlib import Path

from gateway.cli.tables.opening import open_table
from gateway.cli.tables.rows import Defaults, Fault, Note, Row, Table, TableRefused

__all__ = ["Defaults", "Fault", "Note", "Row", "Table", "TableRefused", "open_table", "read_rows"]


def read_rows(path: Path, defaults: Defaults) -> Iterator[Row]:
    """The rows of a file in order, wholly empty ones left out. Raises TableRefused, at a limit also midway."""
    return open_table(path, defaults).rows
