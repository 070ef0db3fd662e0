"""People are erased when two agree: one asks, another confirms within its time (OWASP ASVS 5.0, 2.3.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import openapi_callers as openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.purpose import access_of
from gateway.errors import ContractViolated, NotFound
from gateway.permissions import Caller
from gateway.store.approvals import Approval

router = APIRouter(prefix="/v1/erasures", tags=["erasures"])
_NUMBER_LENGTH_MAX: Final = 15


@router.get("", summary="Các đề nghị xóa / erasures", openapi_extra=openapi.ERASURES)
@needs("workers.erase")
async def everything(request: Request, caller: Caller) -> Response:
    """What was asked for, newest first, and what became of it."""
    found = await asyncio.to_thread(door_of(request).house.erasing.requests, caller)
    return json_response({"items": [_body(one) for one in found]})


@router.post("", summary="Đề nghị xóa một người / ask for an erasure", openapi_extra=openapi.ERASE)
@needs("workers.erase")
async def ask(request: Request, caller: Caller) -> Response:
    """Nothing is erased yet: somebody else confirms."""
    door = door_of(request)
    access = access_of(request, caller)
    worker_id = _worker_id(await door.bodies.json(request))
    asked = await asyncio.to_thread(door.house.erasing.request, worker_id, access.purpose, caller)
    return json_response(_body(asked), 202)


@router.post("/{number}/confirm", summary="Duyệt và xóa / confirm", openapi_extra=openapi.DECIDE_ERASURE)
@needs("workers.erase_confirm")
async def confirm(request: Request, caller: Caller) -> Response:
    """The person is erased, here and now."""
    return await _decided(request, caller, door_of(request).house.erasing.confirm, "confirmed")


@router.post("/{number}/refuse", summary="Từ chối / refuse", openapi_extra=openapi.DECIDE_ERASURE)
@needs("workers.erase_confirm")
async def refuse(request: Request, caller: Caller) -> Response:
    """The request ends."""
    return await _decided(request, caller, door_of(request).house.erasing.refuse, "refused")


async def _decided(request: Request, caller: Caller, act: Callable[[int, Caller], Approval], state: str) -> Response:
    text = str(request.path_params["number"])
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_LENGTH_MAX):
        raise NotFound("approval-not-found")
    asked = await asyncio.to_thread(act, int(text), caller)
    return json_response({"erasure": asked.id, "worker_id": asked.subject, "state": state})


def _worker_id(body: object) -> str:
    if not isinstance(body, dict):
        raise ContractViolated("wrong-type", ("$",))
    if unknown := sorted(set(body) - {"worker_id"}):
        raise ContractViolated("unknown-field", tuple(unknown[:5]))
    named = body.get("worker_id")
    if not isinstance(named, str):
        raise ContractViolated("shape-invalid" if named is None else "wrong-type", ("worker_id",))
    try:
        return str(UUID(named))
    except ValueError:
        raise NotFound("worker-not-found") from None


def _body(one: Approval) -> dict[str, object]:
    return {
        "erasure": one.id,
        "worker_id": one.subject,
        "state": one.state,
        "reference": one.reference,
        "requested_by": one.requested_by,
        "requested_at": one.requested_at,
        "expires_at": one.expires_at,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
    }
