"""How large a table may be, and what is said of one that is larger or cannot be read."""

from __future__ import annotations

from typing import Final

ROWS_MAX: Final = 200_000
COLUMNS_MAX: Final = 256
LINE_BYTES_MAX: Final = 1024 * 1024
"""No form needs a line of 1 MiB; without the limit a file without line ends would fill the memory."""

HEAD_ROWS: Final = 20
"""Rows of a sheet that are looked at for a header: titles, motto and date stand above the one of an official list."""


class TableRefused(Exception):
    """The file cannot be read at all: `code` is a text of `texts/faults.csv`. Nothing of it was sent."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
