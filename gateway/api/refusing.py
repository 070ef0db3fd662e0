"""Refusals on their way out: each leaves its audit row first, or the caller is told to come again (requirement 42)."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.api.door import door_of
from gateway.api.measuring import method_of, route_of
from gateway.api.problems import problem_response
from gateway.errors import Busy, GatewayError
from gateway.permissions import Caller

_OF_PROOF: Final = ("proof-invalid", "proof-nonce-needed")
SOURCE_UNKNOWN: Final = "unknown"


async def refusal_response(request: Request, error: GatewayError) -> Response:
    """The answer to a refused request. What is only not possible now is no refusal, and leaves no row."""
    if isinstance(error, Busy):
        return problem_response(request, error)
    try:
        await asyncio.to_thread(_note, request, error)
    except Busy as down:
        return problem_response(request, down)
    response = problem_response(request, error)
    if error.code in _OF_PROOF:
        # The next proof carries it (RFC 9449 section 9): one of before, or of another process, is worth nothing here.
        response.headers["DPoP-Nonce"] = door_of(request).house.callers.proofs.nonce
    return response


def _note(request: Request, error: GatewayError) -> None:
    door = door_of(request)
    source = SOURCE_UNKNOWN if request.client is None else request.client.host
    what = f"{method_of(request.scope)} {route_of(request.scope)}"
    door.house.refusals.refused(_name(request), what, error.code, source)


def _name(request: Request) -> str | None:
    """Who it is, if they proved that."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return None if caller is None else caller.name
