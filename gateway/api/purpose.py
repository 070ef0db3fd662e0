"""For what a request reads: the purpose that comes in headers, or where a caller can set none, in parameters."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from gateway.audit.reading import Reading
from gateway.permissions import Access, Caller, Purpose
from gateway.reads.access import reading_by

PURPOSE_HEADER: Final = "LGSP-Purpose"
REFERENCE_HEADER: Final = "LGSP-Purpose-Reference"


def access_of(request: Request, caller: Caller) -> Access:
    """The caller with the purpose, without which nobody reads a person's data. Raises ContractViolated."""
    return Access(caller, Purpose.parse(*_said(request)))


def reading_of(request: Request, caller: Caller) -> Reading:
    """For lists of ids, which tell nothing of a person: a purpose may be said, and is then checked."""
    said = _said(request)
    return reading_by(caller, Purpose.parse(*said) if any(said) else None)


def _said(request: Request) -> tuple[str | None, str | None]:
    headers, query = request.headers, request.query_params
    return (
        headers.get(PURPOSE_HEADER) or query.get("purpose"),
        headers.get(REFERENCE_HEADER) or query.get("purpose_reference"),
    )
