"""The result file: one line per row, as .csv, .xlsx or .jsonl, written while rows are answered."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Final, Protocol
from xml.sax.saxutils import escape

import orjson

from contracts.problems import Language
from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.submitting.outcome import Outcome
from gateway.cli.submitting.sheet_parts import END, PARTS, SHEET, START
from gateway.cli.texts import say

KINDS: Final = frozenset({".csv", ".xlsx", ".jsonl"})
COLUMNS: Final = ("row", "state", "entry_id", "version", "rule", "message", "remedy")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_CELL_LENGTH_MAX: Final = 32_767
_NOT_IN_XML: Final = dict.fromkeys([*range(0x20), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)], "�") | {9: "\t", 10: "\n"}


class Results(Protocol):
    """Takes outcomes in the order of rows."""

    def write(self, outcomes: Iterable[Outcome]) -> None:
        """Write some rows."""

    def close(self) -> None:
        """End the file; what was written until now can be read."""


def neutral(text: str) -> str:
    """A text that a spreadsheet takes for text: what looks like a formula gets an apostrophe (CWE-1236)."""
    return "'" + text if text.startswith(_FORMULA) else text


def open_results(path: Path, lang: Language) -> Results:
    """The writer for the file's name. Raises CliFault."""
    kinds: dict[str, Callable[[Path, Language], Results]] = {
        ".csv": CsvResults,
        ".xlsx": XlsxResults,
        ".jsonl": JsonResults,
    }
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise CliFault("submit.out-kind", ExitCode.USAGE)
    try:
        return kind(path, lang)
    except OSError as error:
        raise CliFault("submit.out-unwritable", ExitCode.FILE, path=path, cause=error.strerror) from None


def _headings(lang: Language) -> list[str]:
    return [say(f"head.{column}", lang) for column in COLUMNS]


def _cells(one: Outcome, lang: Language) -> list[str]:
    remarks = one.remarks
    texts = (
        one.entry_id or "",
        "" if one.version is None else str(one.version),
        ", ".join(dict.fromkeys(remark.rule for remark in remarks)),
        " | ".join(_with_fields(remark.message, remark.fields) for remark in remarks),
        " | ".join(dict.fromkeys(remark.remedy for remark in remarks)),
    )
    return [str(one.row), say(f"state.{one.state}", lang), *(neutral(text)[:_CELL_LENGTH_MAX] for text in texts)]


def _with_fields(message: str, fields: Sequence[str]) -> str:
    named = ", ".join(field for field in fields if field not in {"", "*"})
    return f"{message} [{named}]" if named else message


class CsvResults:
    """UTF-8 with a byte-order mark, without which Excel reads another code page."""

    def __init__(self, path: Path, lang: Language) -> None:
        self._lang = lang
        self._file = path.open("w", encoding="utf-8-sig", errors="replace", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(_headings(lang))

    def write(self, outcomes: Iterable[Outcome]) -> None:
        """Write some rows."""
        self._writer.writerows(_cells(one, self._lang) for one in outcomes)

    def close(self) -> None:
        """End the file."""
        self._file.close()


class JsonResults:
    """JSON lines for programs: states and rules as codes."""

    def __init__(self, path: Path, _lang: Language) -> None:
        self._file = path.open("wb")

    def write(self, outcomes: Iterable[Outcome]) -> None:
        """Write some rows."""
        for one in outcomes:
            self._file.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """End the file."""
        self._file.close()


class XlsxResults:
    """A workbook of one sheet of texts, written as a stream: no row is held in memory."""

    def __init__(self, path: Path, lang: Language) -> None:
        self._lang = lang
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        for name, content in PARTS.items():
            self._archive.writestr(name, content)
        self._sheet = TextIOWrapper(self._archive.open(SHEET, "w", force_zip64=True), encoding="utf-8")
        self._sheet.write(START)
        self._row = 0
        self._write(_headings(lang))

    def write(self, outcomes: Iterable[Outcome]) -> None:
        """Write some rows."""
        for one in outcomes:
            self._write(_cells(one, self._lang))

    def _write(self, cells: Sequence[str]) -> None:
        self._row += 1
        texts = (escape(cell.translate(_NOT_IN_XML)) for cell in cells)
        placed = (
            f'<c r="{chr(ord("A") + at)}{self._row}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
            for at, text in enumerate(texts)
        )
        self._sheet.write(f'<row r="{self._row}">{"".join(placed)}</row>')

    def close(self) -> None:
        """End the sheet and the archive; before that it is no workbook."""
        self._sheet.write(END)
        self._sheet.close()
        self._archive.close()
