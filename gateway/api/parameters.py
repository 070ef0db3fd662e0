"""Query parameters and ids, read strictly: a wrong one is named, never guessed at."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, Final, get_args

from starlette.requests import Request

from contracts.trace import HEADER, read_traceparent
from contracts.worker import SystemName
from gateway.errors import ContractViolated, NotFound

PAGE_MAX = 500
PAGE_DEFAULT = 50
WAIT_S_MAX = 25
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_CAUSE: Final = re.compile(r"[ -~]{1,64}")
TARGETS: Final[tuple[SystemName, ...]] = get_args(SystemName)


def page_size(request: Request) -> int:
    """`limit`, 1 to 500."""
    return whole_number(request, "limit", PAGE_DEFAULT, 1, PAGE_MAX)


def whole_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds. Raises ContractViolated."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not least <= int(text) <= most:
        raise ContractViolated("cursor-invalid" if name == "after" else "shape-invalid", (name, f"{least}..{most}"))
    return int(text)


def whole_member(body: Mapping[str, Any], name: str) -> int:
    """A whole number in a JSON body. Raises ContractViolated.

    JSON knows one kind of number: 3.0 is a whole one (JSON Schema 2020-12, validation, 6.1.1).
    """
    value = body.get(name)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ContractViolated("shape-invalid" if value is None else "wrong-type", (name,))
    return value


def id_cursor(request: Request) -> str | None:
    """`after`, an id as the last page gave it."""
    text = request.query_params.get("after")
    if not text:
        return None
    if not is_uuid(text):
        raise ContractViolated("cursor-invalid", ("after",))
    return text


def path_id(request: Request, name: str, missing: str) -> str:
    """An id in the path; one that is no id cannot exist, and reads like any missing one."""
    text = str(request.path_params[name])
    if not is_uuid(text):
        raise NotFound(missing)
    return text.lower()


def is_uuid(text: str) -> bool:
    """Is this a UUID in its usual spelling?"""
    try:
        return len(text) == 36 and str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def flag(request: Request, name: str) -> bool:
    """`true` or `false` (the default)."""
    text = request.query_params.get(name, "false")
    if text not in ("true", "false"):
        raise ContractViolated("shape-invalid", (name, "true|false"))
    return text == "true"


def trace_parent(request: Request) -> str | None:
    """The caller's trace (W3C Trace Context); one that is malformed is left out, as that recommendation says."""
    text = request.headers.get(HEADER)
    return None if text is None else read_traceparent(text)


def cursor(request: Request, parts: int) -> str | None:
    """`after`, as the last page gave it: since when, whose, and of a dead letter which target, with `~` between."""
    text = request.query_params.get("after") or None
    if text is None:
        return None
    since, *rest = text.split("~")
    if (
        len(rest) != parts - 1
        or not _INSTANT.fullmatch(since)
        or not is_uuid(rest[0])
        or not set(rest[1:]) <= set(TARGETS)
    ):
        raise ContractViolated("cursor-invalid", ("after",))
    return text


def target_of(value: object) -> SystemName | None:
    """A target's name, or None when none was given. Raises ContractViolated."""
    if value is None:
        return None
    if value not in TARGETS:
        raise ContractViolated("shape-invalid", ("target", "|".join(TARGETS)))
    return value


def cause_of(value: object) -> str | None:
    """A cause, or None when none was given. Raises ContractViolated."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ContractViolated("wrong-type", ("cause",))
    # What no cause can be is not asked of the database: PostgreSQL, for one, takes no NUL.
    if not _CAUSE.fullmatch(value):
        raise ContractViolated("shape-invalid", ("cause",))
    return value
