"""What FastAPI cannot see in routes that read their own bodies: the schemas and parameters of the OpenAPI document."""

from __future__ import annotations

import re
from typing import Any, Final

from contracts.entry import Entry
from contracts.forms import FORMS, example, schema

_JSON: Final = "application/json"
_PROBLEM: Final = {
    "description": "Vấn đề (RFC 9457) / problem",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_IN_BRACES: Final = re.compile(r"{(\w+)}")
_SAID: Final = {
    "entry_id": "Mã phiếu / entry id",
    "worker_id": "Mã hồ sơ / worker id",
    "target": "Hệ thống đích / target",
}
_FAULTS: Final = {"401": _PROBLEM, "4XX": _PROBLEM, "503": _PROBLEM}


def _answer(reference: str, description: str) -> dict[str, Any]:
    return {"description": description, "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{reference}"}}}}


def _query(name: str, description: str, kind: str = "integer") -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": kind}}


def _body(content: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {_JSON: {"schema": content}}}


_CONTENT: Final = {"content": {_JSON: {"schema": {"type": "object"}}}}
_OBJECT: Final = {"description": "OK", **_CONTENT}
_PAGE_PARAMETERS: Final = [
    _query("after", "Con trỏ của trang trước (next) / cursor given as `next`", "string"),
    _query("limit", "Số dòng tối đa, 1-500 / page size"),
]

SUBMIT: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "Khóa của bên gửi: gửi lại cùng khóa và nội dung thì nhận lại cùng biên nhận / sender's key",
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            _JSON: {
                "schema": {"oneOf": [{"$ref": "#/components/schemas/Entry"}, {"$ref": "#/components/schemas/Entries"}]},
                "examples": {form: {"value": example(form)} for form in FORMS},
            }
        },
    },
    "responses": {
        "200": _answer("ReceiptOrReceipts", "Không có gì mới, hoặc danh sách biên nhận / nothing new, or a list"),
        "201": _answer("Receipt", "Đã nhận, hồ sơ có phiên bản mới / accepted"),
        "202": _answer("Receipt", "Phiếu chờ xử lý / quarantined"),
        "413": _PROBLEM,
        "422": _PROBLEM,
        **_FAULTS,
    },
}
ENTRY: Final[dict[str, Any]] = {"responses": {"200": _OBJECT, "404": _PROBLEM, **_FAULTS}}
WORKER: Final[dict[str, Any]] = {
    "parameters": [_query("reveal", "Hiện thông tin định danh; được ghi nhật ký / show identity; audited", "boolean")],
    "responses": {"200": _OBJECT, "404": _PROBLEM, **_FAULTS},
}
PAGE: Final[dict[str, Any]] = {"parameters": _PAGE_PARAMETERS, "responses": {"200": _OBJECT, **_FAULTS}}
PAGE_OF_WORKER: Final[dict[str, Any]] = {**PAGE, "responses": {**PAGE["responses"], "404": _PROBLEM}}
OBSERVATIONS: Final[dict[str, Any]] = {
    **PAGE_OF_WORKER,
    "parameters": [*_PAGE_PARAMETERS, *WORKER["parameters"]],
}
DEAD_LETTERS: Final[dict[str, Any]] = {
    **PAGE,
    "parameters": [
        *_PAGE_PARAMETERS,
        _query("target", "Chỉ hệ thống này / only this target", "string"),
        _query("cause", "Chỉ nguyên nhân này / only this cause", "string"),
    ],
}
WAITING: Final[dict[str, Any]] = {
    **PAGE,
    "parameters": [
        *DEAD_LETTERS["parameters"],
        _query("state", "Chỉ trạng thái này / only this state", "string"),
    ],
}
VERIFICATIONS: Final[dict[str, Any]] = {
    **PAGE,
    "parameters": [*_PAGE_PARAMETERS, _query("outcome", "Kết quả xác thực; mặc định not_found / outcome", "string")],
}
QUALITY: Final[dict[str, Any]] = {
    "parameters": [_query("commune", "Chỉ xã này / only this commune", "string")],
    "responses": {"200": _OBJECT, **_FAULTS},
}
# Whoever watches the process asks without a token.
ALIVE: Final[dict[str, Any]] = {"security": [], "responses": {"200": _OBJECT}}
READY: Final[dict[str, Any]] = {
    "security": [],
    "responses": {"200": _OBJECT, "503": {"description": "Chưa sẵn sàng / not ready", **_CONTENT}},
}
OPEN: Final[dict[str, Any]] = {"responses": {"200": _OBJECT, **_FAULTS}}
EVENTS: Final[dict[str, Any]] = {
    "parameters": [*_PAGE_PARAMETERS, _query("wait_s", "Chờ sự kiện mới, 0-25 giây / long poll, seconds")],
    "responses": {"200": _OBJECT, **_FAULTS},
}
AUDIT_ROWS: Final[dict[str, Any]] = {
    "parameters": [_PAGE_PARAMETERS[0], _query("limit", "Số dòng tối đa, 1-5000 / rows at most")],
    "responses": {"200": _OBJECT, **_FAULTS},
}
READERS: Final[dict[str, Any]] = {
    "parameters": [
        _query("before", "Chỉ các lần trước vị trí này (next) / only below this position"),
        _PAGE_PARAMETERS[1],
    ],
    "responses": {"200": _OBJECT, "404": _PROBLEM, **_FAULTS},
}
REASON: Final[dict[str, Any]] = {
    "requestBody": _body(
        {
            "type": "object",
            "required": ["reason"],
            "additionalProperties": False,
            "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": 500}},
        }
    ),
    "responses": {"200": _OBJECT, "404": _PROBLEM, "409": _PROBLEM, **_FAULTS},
}
LOOKUP: Final[dict[str, Any]] = {
    "requestBody": _body(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"type": "string", "maxLength": 200}
                for name in ("personal_number", "cmnd", "social_insurance_number", "full_name", "birth_date")
            },
        }
    ),
    "responses": {"200": _OBJECT, "422": _PROBLEM, **_FAULTS},
}
PAUSE: Final[dict[str, Any]] = {
    "requestBody": _body(
        {
            "type": "object",
            "required": ["reason"],
            "additionalProperties": False,
            "properties": {
                "cause": {"enum": ["by-hand", "maintenance"], "default": "by-hand"},
                "reason": {"type": "string", "minLength": 1, "maxLength": 500},
                "starts_at": {"type": ["string", "null"], "format": "date-time"},
                "ends_at": {"type": ["string", "null"], "format": "date-time"},
            },
        }
    ),
    "responses": {"200": _OBJECT, "404": _PROBLEM, "422": _PROBLEM, **_FAULTS},
}
RESUME: Final[dict[str, Any]] = {"responses": {"200": _OBJECT, "404": _PROBLEM, **_FAULTS}}
ASK_AGAIN: Final = RESUME
RETRY_MANY: Final[dict[str, Any]] = {
    "requestBody": _body(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {"target": {"type": "string"}, "cause": {"type": "string"}},
        }
    ),
    "responses": {"200": _OBJECT, **_FAULTS},
}

_FINDING: Final = {
    "type": "object",
    "required": ["rule", "severity", "fields", "message", "remedy"],
    "properties": {
        "rule": {"type": "string"},
        "severity": {"enum": ["refuse", "warn", "note"]},
        "fields": {"type": "array", "items": {"type": "string"}},
        "message": {"type": "string"},
        "remedy": {"type": "string"},
    },
}
_RECEIPT: Final = {
    "type": "object",
    "required": ["id", "state", "worker_id", "version", "findings"],
    "properties": {
        "id": {"type": ["string", "null"]},
        "state": {"enum": ["accepted", "unchanged", "quarantined", "refused"]},
        "worker_id": {"type": ["string", "null"]},
        "version": {"type": ["integer", "null"]},
        "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
        "key": {"type": "string"},
        "problem": {"$ref": "#/components/schemas/Problem"},
    },
}
_PROBLEM_SCHEMA: Final = {
    "type": "object",
    "required": ["type", "title", "status", "code", "side", "detail", "fields", "id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "side": {"enum": ["caller", "gateway", "other_system"]},
        "detail": {"type": "string"},
        "fields": {"type": "array", "items": {"type": "string"}},
        "id": {"type": "string"},
    },
}


def name_path_parameters(paths: dict[str, Any]) -> None:
    """Declare what stands in braces: routes that take the request alone do not tell FastAPI."""
    for path, item in paths.items():
        for name in _IN_BRACES.findall(path):
            kind = {"type": "string", "format": "uuid"} if name.endswith("_id") else {"type": "string"}
            declared = {"name": name, "in": "path", "required": True, "description": _SAID[name], "schema": kind}
            for operation in item.values():
                operation.setdefault("parameters", []).append(declared)


def components() -> dict[str, Any]:
    """The schemas that the routes refer to."""
    entry = Entry.model_json_schema(ref_template="#/components/schemas/{model}")
    receipts = {
        "type": "object",
        "properties": {"receipts": {"type": "array", "items": {"$ref": "#/components/schemas/Receipt"}}},
    }
    return {
        "Entry": entry,
        "Entries": {
            "type": "object",
            "required": ["entries"],
            "additionalProperties": False,
            "properties": {
                "entries": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 1_000,
                    "items": {"$ref": "#/components/schemas/Entry"},
                }
            },
        },
        "Finding": _FINDING,
        "Receipt": _RECEIPT,
        "ReceiptOrReceipts": {"oneOf": [{"$ref": "#/components/schemas/Receipt"}, receipts]},
        "Problem": _PROBLEM_SCHEMA,
        **{f"Fields_{form}": schema(form) for form in FORMS},
    }
