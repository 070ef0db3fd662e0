"""Query parameters and ids, read strictly: a wrong one is named, never guessed at."""

from __future__ import annotations

import re
import uuid
from typing import Final

from starlette.requests import Request

from gateway.errors import ContractViolated, NotFound

PAGE_MAX = 500
PAGE_DEFAULT = 50
WAIT_S_MAX = 25
_TRACE: Final = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def page_size(request: Request) -> int:
    """`limit`, 1 to 500."""
    return whole_number(request, "limit", PAGE_DEFAULT, 1, PAGE_MAX)


def whole_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds. Raises ContractViolated."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 18 or not least <= int(text) <= most:
        raise ContractViolated("cursor-invalid" if name == "after" else "shape-invalid", (name, f"{least}..{most}"))
    return int(text)


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
    text = request.headers.get("traceparent", "")
    return text if _TRACE.fullmatch(text) else None
