"""What each form asks: one row of data per field, in the form's own order.

Sources: Mẫu số 03, Thông tư 11/2022/TT-BLĐTBXH (`tt11_mau03.csv`); Nghị định 318/2025/NĐ-CP Điều 4 (`nd318.csv`).
Which fields a form demands is printed on the paper form; for NĐ 318 it follows the groups of Điều 4.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Final, Literal, TypeAlias, cast

from contracts.entry import FormName

Kind: TypeAlias = Literal[
    "text",
    "code",
    "codes",
    "date",
    "birth_date",
    "boolean",
    "number_id",
    "address",
    "contract",
    "qualification",
    "place",
    "heading",
]
Need: TypeAlias = Literal["yes", "when", "no"]
FORMS: Final[tuple[FormName, ...]] = ("tt11_mau03", "nd318")


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` holds (or, for a list, contains) one of `values`; booleans are written `true` and `false`."""

    field: str
    values: frozenset[str]

    def holds(self, fields: Mapping[str, object]) -> bool:
        """Does this payload meet the condition? A missing or empty field does not."""
        given = fields.get(self.field)
        if isinstance(given, bool):
            return ("true" if given else "false") in self.values
        if isinstance(given, str):
            return given in self.values
        return isinstance(given, list) and any(isinstance(one, str) and one in self.values for one in given)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One question of a form. `records` are the record's paths that it fills, the leading one first."""

    no: str
    name: str
    label_vi: str
    label_en: str
    kind: Kind
    codelist: str | None
    need: Need
    when: Condition | None
    records: tuple[str, ...]
    identifying: Literal["yes", "detail", "no"]
    """`detail`: only the `chi_tiet` of the address identifies; its codes do not."""
    length_max: int

    def asked(self, fields: Mapping[str, object]) -> bool:
        """Does the form put this question to the person who filled in `fields`?"""
        return self.when is None or self.when.holds(fields)

    def demanded(self, fields: Mapping[str, object]) -> bool:
        """Must this person answer the question?"""
        return self.need == "yes" or (self.need == "when" and self.when is not None and self.when.holds(fields))


@dataclass(frozen=True)
class FormSpec:
    """A form version: its fields in order, and the ways between field names and the record's paths."""

    form: FormName
    fields: tuple[FieldSpec, ...]

    @cached_property
    def by_name(self) -> Mapping[str, FieldSpec]:
        """Field name → field."""
        return {field.name: field for field in self.fields}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Fields that everybody must answer."""
        return tuple(field.name for field in self.fields if field.need == "yes")

    @cached_property
    def conditionals(self) -> tuple[FieldSpec, ...]:
        """Fields that are asked only of some; `need == "when"` must then be answered."""
        return tuple(field for field in self.fields if field.when is not None)

    @cached_property
    def identifying(self) -> frozenset[str]:
        """Fields whose whole value identifies a person."""
        return frozenset(field.name for field in self.fields if field.identifying == "yes")

    @cached_property
    def identifying_detail(self) -> frozenset[str]:
        """Addresses of which only `chi_tiet` identifies a person."""
        return frozenset(field.name for field in self.fields if field.identifying == "detail")

    @cached_property
    def codelists(self) -> Mapping[str, str]:
        """Field name → name of its code list."""
        return {field.name: field.codelist for field in self.fields if field.codelist}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        names: dict[str, str] = {}
        for field in self.fields:
            for path in field.records:
                names.setdefault(path, field.name)
        return names

    def field_of(self, path: str) -> str | None:
        """The form's field for a record's path (`situation.activity` → `tinh_trang_hdkt`); None = not asked."""
        return self._names.get(path)

    def path_of(self, field: str) -> str | None:
        """The leading record's path of a field; None for headers, footers and unknown names."""
        spec = self.by_name.get(field)
        return spec.records[0] if spec and spec.records else None


@cache
def spec(form: FormName) -> FormSpec:
    """The form's specification, read once from package data."""
    text = resources.files("contracts.forms").joinpath(f"{form}.csv").read_text(encoding="utf-8")
    return FormSpec(form, tuple(_field(row) for row in csv.DictReader(text.splitlines())))


def _field(row: dict[str, str]) -> FieldSpec:
    when = Condition(row["when_field"], frozenset(row["when_values"].split("|"))) if row["when_field"] else None
    return FieldSpec(
        no=row["no"],
        name=row["field"],
        label_vi=row["label_vi"],
        label_en=row["label_en"],
        kind=cast(Kind, row["kind"]),
        codelist=row["codelist"] or None,
        need=cast(Need, row["required"]),
        when=when,
        records=tuple(row["record"].split()),
        identifying=cast(Literal["yes", "detail", "no"], row["identifying"]),
        length_max=int(row["length_max"]),
    )
