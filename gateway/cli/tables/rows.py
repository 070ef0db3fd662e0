"""What reading a file gives: rows, each with an entry or with the faults that kept it from being one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from contracts.canonical import JsonObject
from contracts.entry import FormName
from gateway.cli.sheets.bounds import COLUMNS_MAX, LINE_BYTES_MAX, ROWS_MAX, TableRefused

__all__ = [
    "COLUMNS_MAX",
    "LINE_BYTES_MAX",
    "READING_VERSION",
    "ROWS_MAX",
    "Cell",
    "Defaults",
    "Fault",
    "Note",
    "Row",
    "Table",
    "TableRefused",
    "Values",
]

READING_VERSION: Final = "1"
"""Part of every row's key: a reading that gives other entries for the same file needs another version."""

Cell: TypeAlias = object
Values: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is no entry. `rule` is a code of `texts/faults.csv` or of `contracts.problems`."""

    rule: str
    field: str
    values: Values = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts as the program that made the file shows it: from 1, titles and headers included."""

    number: int
    entry: JsonObject | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the sender should know of how the file was read; `key` is a text of `texts/messages.csv`."""

    key: str
    values: Values = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the sender says of the whole file; a cell of the row comes first. `form` None = recognise it."""

    form: FormName | None = None
    declared_on: str | None = None
    commune: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read. `rows` can be run through once; `rows_about` is only for the progress bar."""

    form: FormName | None
    rows: Iterator[Row]
    rows_about: int
    notes: tuple[Note, ...] = ()
