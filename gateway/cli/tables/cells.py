"""One cell → a value as the form writes it.

Nothing is repaired or judged here: what cannot be read goes on as it stands, so that the gateway's rules name it.
Identifiers stay text; a number of 11 digits stays a number of 11 digits.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from contracts import ethnic
from contracts.canonical import Json
from contracts.codelists import load
from contracts.dates import read_spreadsheet_date
from contracts.forms import FieldSpec
from contracts.names import unaccented_key
from gateway.cli.tables.rows import Cell

_YES: Final = frozenset({"CO", "X", "TRUE", "YES", "Y", "1"})
_NO: Final = frozenset({"KHONG", "FALSE", "NO", "N", "0"})
_EXACT_IN_A_FLOAT: Final = 10**15
_LISTED: Final = re.compile(r"[;|\n]")
_LISTED_BY_COMMA: Final = re.compile(r"[;|\n,]")
_ETHNIC: Final = "ethnic_groups"


def text_of(cell: Cell) -> str | None:
    """The cell as text; None when it is empty. A whole number is written without the decimals of a float."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT_IN_A_FLOAT:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def date_of(cell: Cell) -> str | None:
    """A date as ISO text, as it stands when it cannot be read."""
    if isinstance(cell, str) and not cell.strip():
        return None
    return read_spreadsheet_date(cell) or text_of(cell)


def flag_of(cell: Cell) -> Json:
    """Yes or no in the words that people use; anything else as it stands."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell)
    if text is None:
        return None
    key = unaccented_key(text)
    return True if key in _YES else False if key in _NO else text


def code_of(cell: Cell, codelist: str | None) -> str | None:
    """The code of a label or code; what the list does not know, as it stands."""
    text = text_of(cell)
    return text if text is None or codelist is None else _code(codelist, text) or text


@lru_cache(maxsize=8_192)
def _code(codelist: str, text: str) -> str | None:
    return ethnic.code_of(text) if codelist == _ETHNIC else load(codelist).code_of(text)


def codes_of(cell: Cell, codelist: str | None) -> list[Json] | None:
    """Several labels or codes in one cell. A comma separates only where the parts are no label together."""
    text = text_of(cell)
    if text is None:
        return None
    found: list[str] = []
    for part in _LISTED.split(text):
        whole = codelist is not None and _code(codelist, part.strip()) is not None
        found += [part] if whole else _LISTED_BY_COMMA.split(part)
    codes = (code_of(part, codelist) for part in found)
    return [*dict.fromkeys(code for code in codes if code is not None)] or None


def value_of(field: FieldSpec, cell: Cell) -> Json:
    """A cell for a question that is no composite."""
    match field.kind:
        case "code":
            return code_of(cell, field.codelist)
        case "codes":
            return codes_of(cell, field.codelist)
        case "date" | "birth_date":
            return date_of(cell)
        case "boolean":
            return flag_of(cell)
        case _:
            return text_of(cell)
