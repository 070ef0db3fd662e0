"""The header row: which column answers which question, and what is missing or not understood."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from contracts.entry import FormName
from contracts.forms import FORMS, spec
from contracts.legacy_text import convert_legacy, suspect_legacy
from gateway.cli.columns import IGNORED, Column, column_of
from gateway.cli.tables.foreign import as_western, has_foreign_bytes
from gateway.cli.tables.rows import COLUMNS_MAX, Cell, Defaults, Fault, Note, TableRefused

SEARCHED_ROWS_MAX: Final = 20
"""Titles, motto and date stand above the header of an official list."""

RECOGNISED_MIN: Final = 3
FORM_COLUMN: Final = "@form"
_NAMED_MAX: Final = 20
_ACTIVITY: Final = "tinh_trang_hdkt"
_SPEAK_OF_ACTIVITY: Final = frozenset({"cong_viec_cu_the", "thoi_gian_that_nghiep", "ly_do_khong_tham_gia"})


@dataclass(frozen=True, slots=True)
class Line:
    """One row of cells as the file gives it; a line with faults has no cells to trust."""

    number: int
    cells: Sequence[Cell]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines of a file. `exact`: every line must have as many cells as the header (a shifted CSV row shows so)."""

    lines: Generator[Line, None, None]
    rows_about: int
    exact: bool
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Layout:
    """The header understood: `columns[i]` is what column i answers, None when it is not read."""

    form: FormName
    columns: tuple[Column | None, ...]
    headers: tuple[str, ...]

    @cached_property
    def targets(self) -> frozenset[str]:
        """Form fields and members of the entry (`@declared_on`) that some column fills."""
        return frozenset(column.field for column in self.columns if column)

    @cached_property
    def derives_activity(self) -> bool:
        """The old software's list has no column for question 11, but one for each of its three answers."""
        return _ACTIVITY not in self.targets and self.targets >= _SPEAK_OF_ACTIVITY

    def demand(self, defaults: Defaults) -> None:
        """Raises TableRefused when a question put to everybody has no column, or nothing dates the entries."""
        held = self.targets | ({_ACTIVITY} if self.derives_activity else set())
        questions = spec(self.form).by_name
        missing = [questions[name].label_vi for name in spec(self.form).required if name not in held]
        if missing:
            raise TableRefused("columns-missing", columns="; ".join(missing), form=self.form)
        if defaults.declared_on is None and not held & {"@declared_on", "@collected_on", "ngay_khai"}:
            raise TableRefused("date-missing")

    def notes(self) -> Iterator[Note]:
        """What the sender should know of this form's columns before anything is sent."""
        if self.derives_activity:
            yield Note("read.derives-activity")
        if any(column and column.mode == "of_everybody" for column in self.columns):
            yield Note("read.ethnic-group-of-everybody")


@dataclass(frozen=True, slots=True)
class Layouts:
    """The header as each form understands it. With a column `form`, every row chooses; else all rows are `main`."""

    main: Layout
    of_form: Mapping[str, Layout]

    @property
    def mixed(self) -> bool:
        """Whether a column says of each row which form it is."""
        return FORM_COLUMN in self.main.targets

    def demand(self, defaults: Defaults) -> None:
        """Raises TableRefused when no form that a row may be of has all the columns that it demands."""
        refusals = []
        for layout in self._possible():
            try:
                layout.demand(defaults)
            except TableRefused as refused:
                refusals.append(refused)
        if len(refusals) == len(self._possible()):
            raise refusals[0]

    def notes(self) -> Iterator[Note]:
        """What the sender should know before anything is sent."""
        yield Note("read.form", {"form": ", ".join(layout.form for layout in self._possible())})
        unread = [
            header
            for index, header in enumerate(self.main.headers)
            if header and all(layout.columns[index] is None for layout in self._possible())
        ]
        if unread:
            more = "…" if len(unread) > _NAMED_MAX else ""
            yield Note("read.ignored", {"columns": ", ".join(name[:60] for name in unread[:_NAMED_MAX]) + more})
        yield from self.main.notes()

    def _possible(self) -> Sequence[Layout]:
        return [*self.of_form.values()] if self.mixed else [self.main]


def read_header(lines: Iterator[Line], wanted: FormName | None) -> tuple[Layouts, Iterator[Line]]:
    """The layouts, and the lines after the header. Raises TableRefused when no row looks like a header."""
    first: list[Line] = []
    best: tuple[int, int, Layout] | None = None
    for index, line in zip(range(SEARCHED_ROWS_MAX), lines, strict=False):
        first.append(line)
        for form in (wanted,) if wanted else FORMS:
            layout = _layout(form, line.cells)
            count = sum(1 for column in layout.columns if column)
            if count >= RECOGNISED_MIN and (best is None or count > best[0]):
                best = count, index, layout
    if best is None:
        raise TableRefused("header-missing", rows=str(SEARCHED_ROWS_MAX))
    _, index, main = best
    layouts = Layouts(main, {form: _layout(form, first[index].cells) for form in FORMS})
    for layout in layouts.of_form.values() if layouts.mixed else (main,):
        _refuse_broken(layout)
    return layouts, chain(first[index + 1 :], lines)


def _layout(form: FormName, cells: Iterable[Cell]) -> Layout:
    headers = [_readable(cell) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    found = [column_of(form, header) if header else None for header in headers]
    return Layout(form, tuple(None if column is IGNORED else column for column in found), tuple(headers))


def _readable(cell: Cell) -> str:
    """A header is no personal data and is only compared, so a legacy font in it is simply read."""
    if not isinstance(cell, str):
        return "" if cell is None else str(cell)
    text = as_western(cell) if has_foreign_bytes(cell) else cell
    legacy = suspect_legacy(text)
    return " ".join((convert_legacy(text, legacy) if legacy else text).split())


def _refuse_broken(layout: Layout) -> None:
    if len(layout.headers) > COLUMNS_MAX:
        raise TableRefused("columns-too-many", count=str(len(layout.headers)), limit=str(COLUMNS_MAX))
    seen: dict[str, str] = {}
    for header, column in zip(layout.headers, layout.columns, strict=True):
        if column is None:
            continue
        if column.target in seen:
            raise TableRefused("column-twice", first=seen[column.target][:60], second=header[:60])
        seen[column.target] = header
