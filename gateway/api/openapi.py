"""What FastAPI cannot see in routes that read their own bodies: parameters, bodies and answers of each operation."""

from __future__ import annotations

import re
from typing import Any, Final

from contracts.entry import KEY_LENGTH_MAX
from contracts.forms import FORMS, example
from gateway.api.parameters import PAGE_DEFAULT, PAGE_MAX, TARGETS, WAIT_S_MAX
from gateway.api.purpose import PURPOSE_HEADER, REFERENCE_HEADER
from gateway.permissions import PURPOSES
from gateway.store.audit_chain import READ_ROWS_MAX
from gateway.store.target_waiting import WAITING_STATES
from gateway.store.verifications import OUTCOMES

_JSON: Final = "application/json"
PROBLEM: Final = {
    "description": "Vấn đề (RFC 9457) / problem",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_IN_BRACES: Final = re.compile(r"{(\w+)}")
_SAID: Final = {
    "batch": "Mã lô, ở mục proof / batch, as `proof` gives it",
    "entry_id": "Mã phiếu / entry id",
    "worker_id": "Mã hồ sơ / worker id",
    "target": "Hệ thống đích / target",
    "name": "Tên tài khoản / caller's name",
    "key_id": "Mã khóa / key id",
    "number": "Số đề nghị / proposal",
    "case": "Số trong sổ / number in the register",
}
FAULTS: Final = {"401": PROBLEM, "4XX": PROBLEM, "503": PROBLEM}
_ONE_TARGET: Final = {"type": "string", "enum": [*TARGETS]}
_POSITION_MAX: Final = 2**62
LEAF_MAX: Final = 65_535
_VERSION_MAX: Final = 2**31 - 1
_SINCE: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z"
_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OF_PERSON: Final = f"^(?:{_SINCE}~{_UUID})?$"
_OF_LETTER: Final = f"^(?:{_SINCE}~{_UUID}~(?:{'|'.join(TARGETS)}))?$"


def answer(reference: str, description: str = "OK") -> dict[str, Any]:
    """An answer in JSON, by the name of its schema."""
    return {"description": description, "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{reference}"}}}}


def query(name: str, description: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    """A query parameter."""
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


def _whole(least: int, most: int, default: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most, "default": default}


def json_body(content: dict[str, Any]) -> dict[str, Any]:
    """A body in JSON, by its schema."""
    return {"required": True, "content": {_JSON: {"schema": content}}}


def _after(schema: dict[str, Any]) -> dict[str, Any]:
    return query("after", "Con trỏ của trang trước (next) / cursor given as `next`", schema)


def _page(reference: str, cursor: dict[str, Any], *more: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": [_after(cursor), _LIMIT, *more], "responses": {"200": answer(reference), **FAULTS}}


def opened(reference: str) -> dict[str, Any]:
    """An operation without parameters of its own."""
    return {"responses": {"200": answer(reference), **FAULTS}}


def found(operation: dict[str, Any]) -> dict[str, Any]:
    """The same operation, where there may be no such thing."""
    return {**operation, "responses": {**operation["responses"], "404": PROBLEM}}


_LIMIT: Final = query("limit", "Số dòng tối đa, 1-500 / page size", _whole(1, PAGE_MAX, PAGE_DEFAULT))
_TARGET: Final = query("target", "Chỉ hệ thống này / only this target", _ONE_TARGET)
_CAUSE: Final = query("cause", "Chỉ nguyên nhân này / only this cause", {"type": "string", "pattern": "^[ -~]{1,64}$"})
_REVEAL: Final = query(
    "reveal", "Hiện thông tin định danh; được ghi nhật ký / show identity; audited", {"type": "boolean"}
)
_WAIT: Final = query("wait_s", "Chờ sự kiện mới, 0-25 giây / long poll, seconds", _whole(0, WAIT_S_MAX, 0))

# Declared as headers alone, though parameters of the same meaning are taken where a caller can set no header.
_PURPOSE: Final = [
    {
        "name": PURPOSE_HEADER,
        "in": "header",
        "required": True,
        "description": "Mục đích khai thác / why personal data is read",
        "schema": {"type": "string", "enum": [*PURPOSES]},
    },
    {
        "name": REFERENCE_HEADER,
        "in": "header",
        "required": True,
        "description": "Số hồ sơ, chiến dịch, phiếu việc / file, campaign or ticket",
        "schema": {"type": "string", "pattern": "^[A-Za-z][A-Za-z ./:_-]{0,63}$"},
    },
]


def with_purpose(operation: dict[str, Any]) -> dict[str, Any]:
    """The same operation, which must say why it reads a person's data."""
    return {**operation, "parameters": [*operation.get("parameters", ()), *_PURPOSE]}


SUBMIT: Final[dict[str, Any]] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "Khóa của bên gửi: gửi lại cùng khóa và nội dung thì nhận lại cùng biên nhận / sender's key",
            "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX},
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
        "200": answer("ReceiptOrReceipts", "Không có gì mới, hoặc danh sách biên nhận / nothing new, or a list"),
        "201": answer("Receipt", "Đã nhận, hồ sơ có phiên bản mới / accepted"),
        "202": answer("Receipt", "Phiếu chờ xử lý / quarantined"),
        "413": PROBLEM,
        "422": PROBLEM,
        **FAULTS,
    },
}
ENTRY: Final = found(opened("EntryStatus"))
WORKER: Final = with_purpose({**found(opened("Worker")), "parameters": [_REVEAL]})
QUARANTINE: Final = _page("Quarantine", {"anyOf": [{"type": "string", "format": "uuid"}, {"const": ""}]})
HISTORY: Final = with_purpose(found(_page("History", _whole(0, _VERSION_MAX, 0))))
OBSERVATIONS: Final = with_purpose(found(_page("Observations", _whole(0, _POSITION_MAX, 0), _REVEAL)))
DEAD_LETTERS: Final = _page("DeadLetters", {"type": "string", "pattern": _OF_LETTER}, _TARGET, _CAUSE)
WAITING: Final = _page(
    "Waiting",
    {"type": "string", "pattern": _OF_PERSON},
    {**_TARGET, "required": True},
    _CAUSE,
    query("state", "Chỉ trạng thái này / only this state", {"type": "string", "enum": [*WAITING_STATES]}),
)
VERIFICATIONS: Final = _page(
    "Verifications",
    {"type": "string", "pattern": _OF_PERSON},
    query(
        "outcome",
        "Kết quả xác thực; mặc định not_found / outcome",
        {"type": "string", "enum": [*OUTCOMES], "default": "not_found"},
    ),
)
QUALITY: Final[dict[str, Any]] = {
    **opened("Quality"),
    "parameters": [
        query("commune", "Chỉ xã này / only this commune", {"type": "string", "pattern": "^[0-9]{5}$"}),
    ],
}
# Whoever watches the process asks without a token.
ALIVE: Final[dict[str, Any]] = {"security": [], "responses": {"200": answer("Alive")}}
READY: Final[dict[str, Any]] = {
    "security": [],
    "responses": {"200": answer("Ready"), "503": answer("Ready", "Chưa sẵn sàng / not ready")},
}
EVENTS: Final = _page("Events", _whole(0, _POSITION_MAX, 0), _WAIT)
AUDIT_ROWS: Final[dict[str, Any]] = {
    **opened("AuditRows"),
    "parameters": [
        _after(_whole(0, _POSITION_MAX, 0)),
        query("limit", "Số dòng tối đa, 1-5000 / rows at most", _whole(1, READ_ROWS_MAX, 1_000)),
    ],
}
SIGNED_RECEIPTS: Final = found(
    {
        **opened("SignedReceipts"),
        "parameters": [
            query(
                "leaf", "Chỉ biên nhận này / only this receipt", {"type": "integer", "minimum": 0, "maximum": LEAF_MAX}
            )
        ],
    }
)
_BEFORE: Final = {"type": "integer", "minimum": 1, "maximum": _POSITION_MAX}
READERS: Final = with_purpose(
    {
        **found(opened("Readers")),
        "parameters": [
            query(
                "before",
                "Chỉ các lần trước vị trí này (next) / only below this position",
                {"type": "integer", "minimum": 1, "maximum": _POSITION_MAX},
            ),
            _LIMIT,
        ],
    }
)
_REASON_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 500}
_REASON: Final = json_body(
    {
        "type": "object",
        "required": ["reason"],
        "additionalProperties": False,
        "properties": {"reason": _REASON_TEXT},
    }
)
RELEASE: Final[dict[str, Any]] = {
    "requestBody": _REASON,
    "responses": {"200": answer("Receipt"), "404": PROBLEM, "409": PROBLEM, **FAULTS},
}
REJECT: Final[dict[str, Any]] = {
    "requestBody": _REASON,
    "responses": {"200": answer("Decision"), "404": PROBLEM, "409": PROBLEM, **FAULTS},
}
LOOKUP: Final[dict[str, Any]] = {
    "parameters": _PURPOSE,
    "requestBody": json_body(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"type": "string", "maxLength": 200}
                for name in ("personal_number", "cmnd", "social_insurance_number", "full_name", "birth_date")
            },
        }
    ),
    "responses": {"200": answer("Found"), "422": PROBLEM, **FAULTS},
}
# A year of another century is a slip of the pen: what it would pause, nobody could resume by waiting.
_INSTANT: Final = {"type": ["string", "null"], "format": "date-time", "pattern": "^2[01][0-9]{2}-"}
PAUSE: Final[dict[str, Any]] = {
    "requestBody": json_body(
        {
            "type": "object",
            "required": ["reason"],
            "additionalProperties": False,
            "properties": {
                "cause": {"enum": ["by-hand", "maintenance"], "default": "by-hand"},
                "reason": _REASON_TEXT,
                "starts_at": _INSTANT,
                "ends_at": _INSTANT,
            },
        }
    ),
    "responses": {"200": answer("Pause"), "404": PROBLEM, "422": PROBLEM, **FAULTS},
}
RESUME: Final = found(opened("Resumed"))
LETTER: Final = with_purpose(found(opened("DeadLetter")))
RETRY: Final = found(opened("Retried"))
ASK_AGAIN: Final = found(opened("Asked"))
RETRY_MANY: Final[dict[str, Any]] = {
    **opened("RetriedMany"),
    "requestBody": json_body(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "target": {"enum": [*TARGETS, None]},
                "cause": {"type": ["string", "null"], "pattern": "^[ -~]{1,64}$"},
            },
        }
    ),
}


_ID: Final = {"type": "string", "format": "uuid"}
_PATH_KINDS: Final = {
    "batch": _ID,
    "entry_id": _ID,
    "worker_id": _ID,
    "target": _ONE_TARGET,
    "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{1,62}$"},
    "key_id": {"type": "string", "pattern": "^[0-9a-f]{1,32}$"},
    "number": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "case": {"type": "string", "pattern": "^[IR]-[1-9][0-9]{0,8}$"},
}


def name_path_parameters(paths: dict[str, Any]) -> None:
    """Declare what stands in braces: routes that take the request alone do not tell FastAPI."""
    for path, item in paths.items():
        for name in _IN_BRACES.findall(path):
            kind = _PATH_KINDS[name]
            declared = {"name": name, "in": "path", "required": True, "description": _SAID[name], "schema": kind}
            for operation in item.values():
                operation.setdefault("parameters", []).append(declared)
