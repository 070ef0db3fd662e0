"""For what a request reads: what the audit trail says of it besides who."""

from __future__ import annotations

from starlette.requests import Request

from gateway.api.door import door_of
from gateway.audit.reading import Reading


def reading_of(request: Request) -> Reading:
    """Who reads, checked. Raises NotPermitted."""
    return Reading(door_of(request).token.caller(request))
