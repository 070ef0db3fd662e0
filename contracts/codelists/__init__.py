"""Code lists of the forms and services, one CSV each, loaded once.

The key of a list is its first column whose name ends in "code" (else its first column); the label column beside it is
named after it (`code` → `name_vi`, `old_code` → `old_name_vi`). `validity.csv` says when a list or a code holds.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from contracts.names import search_key, unaccented_key

Row: TypeAlias = dict[str, str]
Lang: TypeAlias = Literal["vi", "en"]
Period: TypeAlias = tuple[str, str]

ANY_CODE: Final = "*"
_ALWAYS: Final[Period] = ("", "")
_VALIDITY: Final = "validity"
# Lists whose labels have further spellings in a list of their own.
_ALIAS_LISTS: Final[Mapping[str, str]] = MappingProxyType({"ethnic_groups": "ethnic_aliases"})
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list: its codes, labels and rows as they stand in the file. Dates are ISO text, ends included."""

    name: str
    codes: frozenset[str]
    rows: tuple[Row, ...] = field(repr=False)
    _labels: Mapping[str, Mapping[str, str]] = field(repr=False)
    _spellings: Mapping[str, str] = field(repr=False)
    _periods: Mapping[str, Period] = field(repr=False)

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels["vi"])

    def __len__(self) -> int:
        return len(self.codes)

    def label(self, code: str, lang: Lang = "vi") -> str | None:
        """The label in one language; the Vietnamese one where the list has no other. None for an unknown code."""
        return self._labels[lang].get(code) or self._labels["vi"].get(code)

    def code_of(self, label_or_alias: str) -> str | None:
        """The code of a label as people type it. None when unknown, or when two codes would fit without accents."""
        text = label_or_alias.strip()
        if text in self.codes:
            return text
        exact, loose = _spelling_keys(text)
        return self._spellings.get(exact) or self._spellings.get(loose)

    def valid_on(self, code: str, on: date | str) -> bool:
        """Whether the code is in the list and holds on that day."""
        if code not in self.codes:
            return False
        valid_from, valid_to = self._periods.get(code) or self._periods.get(ANY_CODE, _ALWAYS)
        day = on if isinstance(on, str) else on.isoformat()
        return valid_from <= day and (not valid_to or day <= valid_to)


def _spelling_keys(text: str) -> tuple[str, str]:
    """Lower case for a match with accents, upper case for one without: the two cannot collide in one mapping."""
    spaced = _NOT_A_LETTER.sub(" ", search_key(text)).strip()
    return spaced, unaccented_key(spaced)


def _spellings(labelled: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for code, label in labelled:
        for key in _spelling_keys(label):
            if key:
                found.setdefault(key, set()).add(code)
    return {key: next(iter(codes)) for key, codes in found.items() if len(codes) == 1}


def _folder() -> Traversable:
    return resources.files(__name__)


@cache
def names() -> tuple[str, ...]:
    """Every list that `load` knows, in alphabetical order."""
    files = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name[:-4] for name in files if name.endswith(".csv") and name[:-4] != _VALIDITY))


def _read(name: str) -> tuple[Row, ...]:
    text = (_folder() / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(io.StringIO(text), strict=True))


@cache
def _all_periods() -> dict[str, dict[str, Period]]:
    periods: dict[str, dict[str, Period]] = {}
    for row in _read(_VALIDITY):
        periods.setdefault(row["list"], {})[row["code"]] = (row["valid_from"], row["valid_to"])
    return periods


def _key_column(columns: Iterable[str]) -> str:
    listed = list(columns)
    return next((column for column in listed if column.endswith("code")), listed[0])


def _labels_of(rows: tuple[Row, ...], key: str, lang: Lang) -> dict[str, str]:
    column = key.replace("code", f"name_{lang}")
    labels: dict[str, str] = {}
    for row in rows:
        labels.setdefault(row[key], row.get(column, ""))
    return labels


def _labelled(name: str, rows: tuple[Row, ...], key: str) -> Iterator[tuple[str, str]]:
    columns = (key.replace("code", "name_vi"), "short_name")
    yield from ((row[key], row[column]) for row in rows for column in columns if row.get(column))
    if name in _ALIAS_LISTS:
        yield from ((row["code"], row["alias_vi"]) for row in load(_ALIAS_LISTS[name]).rows)


@cache
def load(name: str) -> CodeList:
    """The list of that name; KeyError for a name that is no file here."""
    if name not in names():
        raise KeyError(name)
    rows = _read(name)
    key = _key_column(rows[0])
    labels = MappingProxyType({lang: MappingProxyType(_labels_of(rows, key, lang)) for lang in ("vi", "en")})
    return CodeList(
        name=name,
        codes=frozenset(row[key] for row in rows),
        rows=rows,
        _labels=labels,
        _spellings=MappingProxyType(_spellings(_labelled(name, rows, key))),
        _periods=MappingProxyType(_all_periods().get(name, {})),
    )
