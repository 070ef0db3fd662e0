"""Column maps: which header of a table answers which question of a form.

A header is a field's name (`ho_ten`, `thuong_tru.ma_xa`), its label, or a heading of `headers.csv`, whose rows hold the
layout of the province's earlier software and other headings in use. Case, accents, spaces, punctuation and the numbers
of the form's notes do not matter.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Final

from contracts.entry import FormName
from contracts.forms import FORMS, FieldSpec, spec
from contracts.names import unaccented_key

_ADDRESS: Final = ("ma_tinh", "ma_huyen", "ma_xa", "ngay_ma", "chi_tiet")
_MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "address": _ADDRESS,
    "place": (*_ADDRESS, "khu_cong_nghiep"),
    "contract": ("loai", "ngay_bat_dau"),
    "qualification": ("ma", "nganh"),
}
_ENVELOPE: Final = (
    *("form", "declared_on", "collected_on", "commune", "village", "investigator"),
    *("campaign", "slip_kind", "update_source", "replaces", "key"),
)
_NOTE_NUMBER: Final = re.compile(r"\(\d+\)")
_WRITTEN_AS_NAME: Final = re.compile(r"[a-z0-9_.]+")
_NOT_ALPHANUMERIC: Final = re.compile(r"[^0-9A-Z]+")


@dataclass(frozen=True)
class Column:
    """`target` is `field`, `field.member`, or `@member` for the entry around the form.

    `mode` `of_everybody`: an ethnic group is written for everybody here, while the form asks only minorities.
    """

    target: str
    mode: str = ""

    @cached_property
    def field(self) -> str:
        """The target without its member."""
        return self.target.partition(".")[0]

    @cached_property
    def member(self) -> str | None:
        """The member of a composite, or None for the whole."""
        return self.target.partition(".")[2] or None

    @cached_property
    def around(self) -> str | None:
        """The member of the entry around the form, or None for a question of the form."""
        return self.target[1:] if self.target.startswith("@") else None


IGNORED: Final = Column("-")
"""A known heading that no question of the form asks for."""


def header_key(header: str) -> str:
    """What is compared of a header."""
    return _NOT_ALPHANUMERIC.sub("", unaccented_key(_NOTE_NUMBER.sub(" ", header)))


def column_of(form: FormName, header: str) -> Column | None:
    """What a column of that header holds; None when nobody knows.

    In a table of both forms, one form's field name is often the other's everyday heading: a name is only ever a name.
    """
    key = header_key(header)
    named = _WRITTEN_AS_NAME.fullmatch(header) is not None and key in _all_names()
    return (_named if named else _columns)(form).get(key)


@cache
def _named(form: FormName) -> Mapping[str, Column]:
    return {header_key(name): column for name, column in _names(form)}


@cache
def _all_names() -> frozenset[str]:
    return frozenset(header_key(name) for form in FORMS for name, _ in _names(form))


@cache
def _columns(form: FormName) -> Mapping[str, Column]:
    """The first to claim a key keeps it; the headings come first, since they know more of a column than its field."""
    found: dict[str, Column] = {}
    for name, column in (*_other_headings(form), *_names(form), *_labels(form)):
        if key := header_key(name):
            found.setdefault(key, column)
    return found


def _names(form: FormName) -> Iterator[tuple[str, Column]]:
    for name in _ENVELOPE:
        yield name, Column(f"@{name}")
    for field in spec(form).fields:
        yield field.name, _whole(field)
        for member in _MEMBERS.get(field.kind, ()):
            yield f"{field.name}.{member}", Column(f"{field.name}.{member}")


def _whole(field: FieldSpec) -> Column:
    return IGNORED if field.kind == "heading" else Column(field.name)


def _labels(form: FormName) -> Iterator[tuple[str, Column]]:
    for field in spec(form).fields:
        yield field.label_vi, _whole(field)
        yield field.label_en, _whole(field)
    for field in spec(form).fields:
        if ":" in field.label_vi:
            yield field.label_vi.partition(":")[0], _whole(field)


def _other_headings(form: FormName) -> Iterator[tuple[str, Column]]:
    text = resources.files(__name__).joinpath("headers.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["form"] in {form, "*"}:
            column = Column(row["target"], row["mode"])
            yield row["header"], IGNORED if column.target == IGNORED.target else column
