"""GET /v1/quarantine, and a person's decision on an entry in doubt."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.entries import entry_body
from gateway.api.parameters import id_cursor, page_size, path_id
from gateway.api.problems import language_of
from gateway.api.purpose import reading_of
from gateway.api.receipts import receipt_body
from gateway.errors import ContractViolated
from gateway.permissions import Caller

router = APIRouter(prefix="/v1/quarantine", tags=["quarantine"])


@router.get("", summary="Phiếu chờ xử lý / entries in doubt", openapi_extra=openapi.QUARANTINE)
@needs("quarantine.read")
async def waiting(request: Request, caller: Caller) -> Response:
    """Entries that wait for a person, oldest first, with what is doubted."""
    door = door_of(request)
    reading = reading_of(request, caller)
    limit = page_size(request)
    found = await asyncio.to_thread(door.house.quarantine.waiting, id_cursor(request), limit, caller)
    shown = [entry.worker_id for entry in found]
    await asyncio.to_thread(door.house.readers.listed, reading, "quarantine", shown)
    language = language_of(request)
    items = [entry_body(entry, language) for entry in found]
    return json_response({"items": items, "next": found[-1].entry_id if len(found) == limit else None})


@router.post("/{entry_id}/release", summary="Chấp nhận phiếu / release", openapi_extra=openapi.RELEASE)
@needs("quarantine.decide")
async def release(request: Request, caller: Caller) -> Response:
    """Believe the entry after all: it is merged, and its change goes out."""
    door = door_of(request)
    entry_id = path_id(request, "entry_id", "quarantine-not-found")
    reason = await _reason(request)
    receipt = await asyncio.to_thread(door.house.quarantine.release, entry_id, caller, reason)
    return json_response(receipt_body(receipt, language_of(request)))


@router.post("/{entry_id}/reject", summary="Từ chối phiếu / reject", openapi_extra=openapi.REJECT)
@needs("quarantine.decide")
async def reject(request: Request, caller: Caller) -> Response:
    """End the entry; the person is asked again, and a new entry replaces it."""
    door = door_of(request)
    entry_id = path_id(request, "entry_id", "quarantine-not-found")
    reason = await _reason(request)
    await asyncio.to_thread(door.house.quarantine.reject, entry_id, caller, reason)
    return json_response({"id": entry_id, "state": "rejected"})


async def _reason(request: Request) -> str:
    body = await door_of(request).bodies.json(request)
    if not isinstance(body, dict) or set(body) - {"reason"}:
        raise ContractViolated("unknown-field" if isinstance(body, dict) else "wrong-type", ("reason",))
    reason = body.get("reason")
    if not isinstance(reason, str):
        raise ContractViolated("reason-missing", ("reason",))
    return reason
