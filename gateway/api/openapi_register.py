"""The OpenAPI document's part about the register of incidents and requests."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.openapi import FAULTS, PROBLEM, answer, found, json_body, opened, query
from gateway.register.kinds import kinds
from gateway.register.room import PEOPLE_MAX
from gateway.store.register import STEPS

_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_WHOLE: Final = {"type": "integer"}
_INSTANT: Final = {"type": "string", "format": "date-time", "pattern": "^20[0-9]{2}-"}
# Narrower than what is taken: no generator makes a person's number from it by chance.
_REFERENCE: Final = {"type": "string", "pattern": "^[A-Za-z][A-Za-z ./:_-]{0,63}$"}
_BOOLEAN: Final = {"type": "boolean"}


def _order(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*members], "properties": members, "additionalProperties": False}


def _of(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": [*members], "properties": members}


def _writing(status: str, **members: Any) -> dict[str, Any]:
    refused = {"404": PROBLEM, "409": PROBLEM, "422": PROBLEM, **FAULTS}
    return {"requestBody": json_body(_order(**members)), "responses": {status: answer("Case"), **refused}}


CASES: Final[dict[str, Any]] = {
    **opened("Cases"),
    "parameters": [
        query("open", "Chỉ vụ việc chưa đóng / only what is not closed", _BOOLEAN),
        query("overdue", "Chỉ vụ việc quá hạn / only what is overdue", _BOOLEAN),
    ],
}
CASE: Final = found(opened("Case"))
ADD_INCIDENT: Final = _writing(
    "201",
    kind={"enum": [*kinds("incident")]},
    detected_at=_INSTANT,
    people={"type": "integer", "minimum": 0, "maximum": PEOPLE_MAX},
    reference=_REFERENCE,
)
ADD_REQUEST: Final = _writing(
    "201",
    kind={"enum": [*kinds("request")]},
    worker_id={"type": "string", "format": "uuid"},
    received_at=_INSTANT,
    reference=_REFERENCE,
)
TAKE_STEP: Final = _writing("200", step={"enum": [*STEPS]}, reference=_REFERENCE)


def components() -> dict[str, Any]:
    """Every schema that these operations refer to, by name."""
    step = _of({"step": _TEXT, "at": _TEXT, "by": _TEXT, "reference": _TEXT})
    remaining = {
        "type": ["object", "null"],
        "required": ["overdue", "amount", "unit"],
        "properties": {
            "overdue": _BOOLEAN,
            "amount": _WHOLE,
            "unit": {"enum": ["hours", "working_days", "days"]},
        },
    }
    case = {
        "case": _TEXT,
        "type": _TEXT,
        "kind": _TEXT,
        "state": _TEXT,
        "begun_at": _TEXT,
        "people": {"type": ["integer", "null"]},
        "worker_id": _TEXT_OR_NULL,
        "reference": _TEXT,
        "registered_at": _TEXT,
        "registered_by": _TEXT,
        "next_step": _TEXT_OR_NULL,
        "due_at": _TEXT_OR_NULL,
        "remaining": remaining,
        "calendar": _TEXT_OR_NULL,
        "steps": {"type": "array", "items": step},
    }
    return {"Case": _of(case), "Cases": _of({"items": {"type": "array", "items": _of(case)}})}
