"""JSON Schema (2020-12) of an entry per form, with both labels, and one complete synthetic example of each.

The schema says what `check` says: structure. That an answer is demanded, or which codes exist, is no `required` and no
`enum`, because an entry that lacks them is stored and answered with findings; `x-required`, `x-when` and `x-codelist`
tell it to whoever builds a form.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Final, TypeAlias, cast

import orjson

from contracts.canonical import Json, JsonObject
from contracts.entry import Entry, FormName
from contracts.forms.shape import ADDRESS_KEYS, CODE_LENGTH_MAX, ITEMS_MAX
from contracts.forms.specification import FieldSpec, spec

Document: TypeAlias = dict[str, Any]
SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_MEMBER_LABELS: Final = {
    "ma_tinh": ("Mã tỉnh", "Province code"),
    "ma_huyen": ("Mã huyện (địa chỉ cũ)", "District code (addresses of before 1 July 2025)"),
    "ma_xa": ("Mã xã", "Commune code"),
    "ngay_ma": (
        "Ngày mà mã xã có hiệu lực; mặc định là ngày khai",
        "Date on which the commune code was valid, YYYY-MM-DD; the declaration date if left out",
    ),
    "chi_tiet": ("Số nhà, bản, tổ dân phố", "House, hamlet"),
    "khu_cong_nghiep": ("Trong khu công nghiệp, khu kinh tế, khu công nghệ cao", "In an industrial or economic zone"),
    "loai": ("Loại hợp đồng", "Kind of contract"),
    "ngay_bat_dau": ("Ngày bắt đầu", "Start, YYYY-MM-DD"),
    "ma": ("Mã trình độ", "Qualification code"),
    "nganh": ("Ngành nghề đào tạo", "Field of training"),
}
_HOW_WRITTEN: Final = {
    "date": "YYYY-MM-DD",
    "birth_date": "YYYY-MM-DD, or YYYY-MM or YYYY when no more is known",
    "heading": "always null or left out",
}


@cache
def schema(form: FormName) -> Document:
    """JSON Schema of an entry that carries this form. Titles are Vietnamese, descriptions English."""
    envelope = cast(JsonObject, Entry.model_json_schema())
    properties = cast("dict[str, JsonObject]", envelope["properties"])
    fields: dict[str, Json] = {field.name: _field(field) for field in spec(form).fields}
    members: dict[str, Json] = {name: _labelled(member) for name, member in properties.items()}
    members["form"] = {"const": form, "title": "Mẫu phiếu", "description": "Form version"}
    members["fields"] = {
        "type": "object",
        "title": "Nội dung phiếu",
        "description": "The form's fields",
        "additionalProperties": False,
        "properties": fields,
    }
    return {**envelope, "$schema": SCHEMA_DIALECT, "title": f"Phiếu / entry {form}", "properties": members}


@cache
def _example_text(form: FormName) -> str:
    return resources.files("contracts.forms").joinpath("examples", f"{form}.json").read_text(encoding="utf-8")


def example(form: FormName) -> Document:
    """A complete entry of an invented person, fresh at each call."""
    return cast(Document, orjson.loads(_example_text(form)))


def _labelled(member: JsonObject) -> JsonObject:
    """The models' descriptions are "Vietnamese / English"."""
    vietnamese, _, english = str(member.get("description", "")).partition(" / ")
    return {**member, "title": vietnamese, "description": english}


def _nullable(kind: str, **more: Json) -> JsonObject:
    return {"type": [kind, "null"], **more}


def _text(length_max: int) -> JsonObject:
    return _nullable("string", maxLength=length_max)


def _object(members: dict[str, JsonObject]) -> JsonObject:
    properties: dict[str, Json] = {
        name: {**member, "title": _MEMBER_LABELS[name][0], "description": _MEMBER_LABELS[name][1]}
        for name, member in members.items()
    }
    return _nullable("object", additionalProperties=False, properties=properties)


def _address(length_max: int) -> dict[str, JsonObject]:
    return {**{name: _text(length) for name, length in ADDRESS_KEYS.items()}, "chi_tiet": _text(length_max)}


def _shape(field: FieldSpec) -> JsonObject:
    match field.kind:
        case "boolean":
            return _nullable("boolean")
        case "codes":
            return _nullable("array", maxItems=ITEMS_MAX, items={"type": "string", "maxLength": field.length_max})
        case "address":
            return _object(_address(field.length_max))
        case "place":
            return _object({**_address(field.length_max), "khu_cong_nghiep": _nullable("boolean")})
        case "contract":
            return _object({"loai": _text(CODE_LENGTH_MAX), "ngay_bat_dau": _text(CODE_LENGTH_MAX)})
        case "qualification":
            return _object({"ma": _text(CODE_LENGTH_MAX), "nganh": _text(field.length_max)})
        case "heading":
            return {"type": "null"}
        case _:
            return _text(field.length_max)


def _field(field: FieldSpec) -> JsonObject:
    how = _HOW_WRITTEN.get(field.kind)
    said: JsonObject = {
        **_shape(field),
        "title": field.label_vi,
        "description": f"{field.label_en}; {how}" if how else field.label_en,
        "x-no": field.no,
        "x-required": field.need,
        "x-identifying": field.identifying,
    }
    if field.codelist:
        said["x-codelist"] = field.codelist
    if field.when:
        said["x-when"] = {"field": field.when.field, "values": [*sorted(field.when.values)]}
    return said
