"""Reading a JSON body that every parser would read the same way, or refusing it with the place of the fault.

orjson is fast and strict (no NaN, no lone surrogates, UTF-8 only), but keeps the last of two members with one name, and
so would let a caller and a gateway in front of us see two different entries. Duplicates are therefore counted: names in
the text against names in the result. Only a body whose counts differ is read again, slowly, to name the culprit.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

import orjson

from gateway.errors import ContractViolated

DEPTH_MAX: Final = 16
_NESTING: Final = (dict, list)
_BOM: Final = b"\xef\xbb\xbf"
# Every member name ends so; the same bytes inside a string only make the count larger, and the second look exact.
_NAME_END: Final = re.compile(rb'"[ \t\r\n]*:')
_NOT_A_NUMBER: Final = re.compile(rb"[:\[,\s]-?(?:NaN|Infinity)")
_HUGE_NUMBER: Final = re.compile(rb"[:\[,\s]-?\d+(?:\.\d+)?[eE]\+?\d{3,}|\d{400,}")
_NAME: Final = re.compile(r'"([^"\\]{1,80})"[ \t\r\n]*:')
_LOOK_BACK_MAX: Final = 4_096
_LONE_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class _Duplicate(Exception):
    """Two members with one name; the message is the name."""


def read_json(body: bytes) -> Any:
    """The value of a JSON body. Raises ContractViolated with a code that says what is wrong with the text."""
    if body.startswith(_BOM):
        raise ContractViolated("body-encoding", ("byte-order-mark",))
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        _explain(body, error)
    names = _count(value, 0)
    if names and names != len(_NAME_END.findall(body)):
        _refuse_duplicates(body)
    return value


def _count(value: Any, depth: int) -> int:
    """Number of members in all objects. Raises ContractViolated beyond DEPTH_MAX."""
    if depth > DEPTH_MAX:
        raise ContractViolated("body-too-deep", (str(DEPTH_MAX),))
    if isinstance(value, dict):
        return len(value) + sum(_count(inner, depth + 1) for inner in value.values() if isinstance(inner, _NESTING))
    if isinstance(value, list):
        return sum(_count(inner, depth + 1) for inner in value if isinstance(inner, _NESTING))
    return 0


def _refuse_duplicates(body: bytes) -> None:
    try:
        json.loads(body, object_pairs_hook=_unique)
    except _Duplicate as error:
        raise ContractViolated("duplicate-member", (str(error)[:80],)) from None
    except (ValueError, RecursionError):
        raise ContractViolated("body-not-json") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Duplicate(name)
        found[name] = value
    return found


def _explain(body: bytes, error: orjson.JSONDecodeError) -> NoReturn:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise ContractViolated("body-encoding", (f"byte {wrong.start}",)) from None
    near = _member_before(text, error.pos)
    if _NOT_A_NUMBER.search(body) or _HUGE_NUMBER.search(body):
        raise ContractViolated("number-out-of-range", near) from None
    if _LONE_SURROGATE.search(body) and "surrogate" in str(error):
        raise ContractViolated("unpaired-surrogate", near) from None
    if "recursion" in str(error) or text.count("[") + text.count("{") > 1_000:
        raise ContractViolated("body-too-deep", (str(DEPTH_MAX),)) from None
    raise ContractViolated("body-not-json", (*near, f"line {error.lineno} column {error.colno}")) from None


def _member_before(text: str, position: int) -> tuple[str, ...]:
    """The name of the member in which the fault stands, as far as text can tell."""
    names = _NAME.findall(text, max(0, position - _LOOK_BACK_MAX), position + 1)
    return (names[-1],) if names else ()
