"""What the child tells over the pipe, one JSON value a line: a list is a row, an object is anything else.

`{"book": [names]}` first; for each sheet `{"sheet": [rows, columns]}` and its first rows, then `{"head": n}`, after
which the child waits for one line: `rest` asks for the rows that follow, `next` for the next sheet. It ends with
`{"end": true}`, or with `{"refused": code, "values": {…}}`. A cell that JSON does not know is an object of one member.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

REST: Final = b"rest\n"
NEXT: Final = b"next\n"

_READ: Final[Mapping[str, Callable[[Any], object]]] = {
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "seconds": lambda value: dt.timedelta(*value),
    "number": float,
}


def told(value: object) -> bytes:
    """One line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_cell, allow_nan=False).encode() + b"\n"


def row_told(cells: Sequence[object]) -> bytes:
    """One line for a row; a number that is none is told as text."""
    return told([_finite(cell) for cell in cells])


def heard(line: bytes) -> object:
    """The value of a line: a list of cells, or a dict. Raises ValueError for anything that `told` does not write."""
    value = json.loads(line)
    if isinstance(value, list):
        return [_cell_of(cell) for cell in value]
    if isinstance(value, dict):
        return value
    raise ValueError("neither a row nor a message")


def _finite(cell: object) -> object:
    return {"number": repr(cell)} if isinstance(cell, float) and not math.isfinite(cell) else cell


def _cell(cell: object) -> object:
    if isinstance(cell, dt.datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, dt.date):
        return {"date": cell.isoformat()}
    if isinstance(cell, dt.time):
        return {"time": cell.isoformat()}
    if isinstance(cell, dt.timedelta):
        return {"seconds": [cell.days, cell.seconds, cell.microseconds]}
    raise TypeError(f"a cell of type {type(cell).__name__}")


def _cell_of(cell: object) -> object:
    if isinstance(cell, dict):
        if len(cell) != 1:
            raise ValueError("a cell of several kinds")
        ((kind, value),) = cell.items()
        try:
            return _READ[kind](value)
        except (KeyError, TypeError, OverflowError):
            raise ValueError("a cell of no known kind") from None
    if cell is None or isinstance(cell, str | int | float):
        return cell
    raise ValueError("a cell is no list")
