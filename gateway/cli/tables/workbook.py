"""Workbooks: the first sheet whose head looks like a form's header. A child process does the parsing (`confined`)."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from gateway.cli.sheets.bounds import HEAD_ROWS
from gateway.cli.sheets.telling import NEXT, REST
from gateway.cli.tables.confined import Confined, ReadingLimits
from gateway.cli.tables.header import Grid, Line, read_header
from gateway.cli.tables.rows import COLUMNS_MAX, ROWS_MAX, Cell, Note, TableRefused

_REFUSALS: Final = frozenset(
    {
        "archive-bomb",
        "archive-unsafe",
        "columns-too-many",
        "file-damaged",
        "file-empty",
        "file-locked",
        "file-too-large",
        "line-too-long",
        "rows-too-many",
    }
)


def read(path: Path, limits: ReadingLimits | None = None, program: Sequence[str] | None = None) -> Grid:
    """The lines of the sheet that holds the list. Raises TableRefused. `program`: what reads, instead of our child."""
    confined = Confined(path, limits or ReadingLimits(), program)
    try:
        heard = _Heard(confined, path)
        names = heard.book()
        for name in names:
            height = heard.sheet()
            head = heard.head()
            if _has_header(head):
                confined.ask(REST)
                return Grid(_lines(confined, heard, head), height, False, _notes(name, names))
            confined.ask(NEXT)
        raise TableRefused("header-missing", rows=str(HEAD_ROWS))
    except BaseException:
        confined.close()
        raise


class _Heard:
    """What the child says, taken for no more than it may say: its file may have been made to harm."""

    def __init__(self, confined: Confined, path: Path) -> None:
        self._confined = confined
        self._path = path
        self._rows = 0

    def book(self) -> list[str]:
        names = self._message("book")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self._broke()
        return names

    def sheet(self) -> int:
        """How many rows it has, for the progress bar."""
        size = self._message("sheet")
        if not isinstance(size, list) or len(size) != 2 or not all(isinstance(one, int) for one in size):
            raise self._broke()
        return int(size[0])

    def head(self) -> list[Sequence[Cell]]:
        """The first rows of a sheet."""
        self._rows, head = 0, []
        while (row := self.row("head")) is not None:
            head.append(row)
        return head

    def row(self, until: str) -> Sequence[Cell] | None:
        """The next row; None at the message after the last one."""
        said = self._confined.next()
        if isinstance(said, list):
            self._rows += 1
            if self._rows > ROWS_MAX or len(said) > COLUMNS_MAX:
                raise self._broke()
            return said
        self._member(said, until)
        return None

    def _message(self, name: str) -> object:
        return self._member(self._confined.next(), name)

    def _member(self, said: object, name: str) -> object:
        if not isinstance(said, dict):
            raise self._broke()
        if said.get("refused") in _REFUSALS:
            values = said.get("values")
            raise TableRefused(said["refused"], **{key: str(one) for key, one in dict(values or {}).items()})
        if name not in said:
            raise self._broke()
        value: object = said[name]
        return value

    def _broke(self) -> TableRefused:
        return TableRefused("reading-broke-off", path=self._path.name)


def _has_header(head: Sequence[Sequence[Cell]]) -> bool:
    try:
        read_header(_numbered(head), None)
    except TableRefused as refused:
        if refused.code == "header-missing":
            return False
        raise
    return True


def _notes(name: str, names: Sequence[str]) -> tuple[Note, ...]:
    others = ", ".join(one[:40] for one in names if one != name)
    notes = [Note("read.sheet", {"sheet": name[:40]})]
    notes += [Note("read.other-sheets", {"sheets": others})] if others else []
    return tuple(notes)


def _numbered(rows: Iterable[Sequence[Cell]]) -> Iterator[Line]:
    for number, cells in enumerate(rows, start=1):
        yield Line(number, cells)


def _lines(confined: Confined, heard: _Heard, head: Sequence[Sequence[Cell]]) -> Generator[Line, None, None]:
    try:
        yield from _numbered(chain(head, iter(lambda: heard.row("end"), None)))
    finally:
        confined.close()
