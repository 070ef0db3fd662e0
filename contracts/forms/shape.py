"""Is a payload built like its form? Structure only: whether a code exists or an answer is missing is for the rules.

Valid payloads are judged by one compiled validator per form; only a faulty one pays for the translation of its faults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from pydantic_core import ErrorDetails, SchemaValidator, ValidationError, core_schema
from pydantic_core.core_schema import CoreSchema, TypedDictField

from contracts.entry import FormName
from contracts.forms.specification import FieldSpec, spec

ITEMS_MAX: Final = 20
FAULTS_MAX: Final = 50
"""A payload with more faults than this is no form at all; the sender gets the first ones."""
CODE_LENGTH_MAX: Final = 50
_NAME_LENGTH_MAX: Final = 60

ADDRESS_KEYS: Final[Mapping[str, int]] = {
    "ma_tinh": CODE_LENGTH_MAX,
    "ma_huyen": CODE_LENGTH_MAX,
    "ma_xa": CODE_LENGTH_MAX,
    "ngay_ma": CODE_LENGTH_MAX,
}


@dataclass(frozen=True, slots=True)
class ShapeFault:
    """A fault of structure. `field` is a dotted path, `rule` a problem code, `detail` holds no value of the payload."""

    field: str
    rule: str
    detail: str


def check(form: FormName, fields: Mapping[str, object]) -> tuple[ShapeFault, ...]:
    """The faults of structure in a payload, at most `FAULTS_MAX`; empty when it can be mapped. `None` = left empty."""
    try:
        _validator(form).validate_python(fields)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=True, include_input=False)
        return tuple(_fault(detail) for detail in details[:FAULTS_MAX])
    return ()


@cache
def _validator(form: FormName) -> SchemaValidator:
    return SchemaValidator(
        core_schema.typed_dict_schema(
            {field.name: _optional(_schema(field)) for field in spec(form).fields},
            extra_behavior="forbid",
            strict=True,
        )
    )


def _text(length_max: int) -> CoreSchema:
    # PostgreSQL text holds no NUL, so one must stop here and not in the middle of a commit.
    return core_schema.str_schema(strict=True, max_length=length_max, pattern="^[^\\x00]*$")


def _optional(schema: CoreSchema) -> TypedDictField:
    return core_schema.typed_dict_field(core_schema.nullable_schema(schema), required=False)


def _object(**members: CoreSchema) -> CoreSchema:
    return core_schema.typed_dict_schema(
        {name: _optional(schema) for name, schema in members.items()}, extra_behavior="forbid", strict=True
    )


def _address(length_max: int, **more: CoreSchema) -> CoreSchema:
    codes = {name: _text(length) for name, length in ADDRESS_KEYS.items()}
    return _object(**codes, chi_tiet=_text(length_max), **more)


def _schema(field: FieldSpec) -> CoreSchema:
    match field.kind:
        case "boolean":
            return core_schema.bool_schema(strict=True)
        case "codes":
            return core_schema.list_schema(_text(field.length_max), max_length=ITEMS_MAX, strict=True)
        case "address":
            return _address(field.length_max)
        case "place":
            return _address(field.length_max, khu_cong_nghiep=core_schema.bool_schema(strict=True))
        case "contract":
            return _object(loai=_text(CODE_LENGTH_MAX), ngay_bat_dau=_text(CODE_LENGTH_MAX))
        case "qualification":
            return _object(ma=_text(CODE_LENGTH_MAX), nganh=_text(field.length_max))
        case "heading":
            return core_schema.none_schema()
        case _:
            return _text(field.length_max)


_RULES: Final[Mapping[str, str]] = {
    "extra_forbidden": "unknown-field",
    "string_too_long": "too-long",
    "too_long": "too-many-items",
    "string_unicode": "unpaired-surrogate",
    "string_pattern_mismatch": "nul-character",
}
_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "text expected",
    "bool_type": "true or false expected",
    "list_type": "a list of codes expected",
    "dict_type": "an object expected",
    "none_required": "a heading of the form carries no value",
    "extra_forbidden": "the form has no such field",
    "string_unicode": "half of a surrogate pair",
    "string_pattern_mismatch": "character U+0000",
}


def _fault(error: ErrorDetails) -> ShapeFault:
    kind = error["type"]
    limit = error.get("ctx", {}).get("max_length")
    detail = f"at most {limit}" if limit is not None else _EXPECTED.get(kind, "another type expected")
    return ShapeFault(_path(error["loc"]), _RULES.get(kind, "wrong-type"), detail)


def _path(location: tuple[int | str, ...]) -> str:
    """The dotted path, printable whatever the sender called a field."""
    parts = (str(part).encode("utf-8", "replace").decode()[:_NAME_LENGTH_MAX] for part in location)
    return ".".join(parts).replace("\x00", "�")
