"""Workers: found by number in a body (never in a URL), read by worker id, masked unless revealed."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, fields
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.parameters import flag, page_size, path_id, whole_number
from gateway.api.purpose import access_of
from gateway.api.status import target_bodies
from gateway.errors import ContractViolated
from gateway.permissions import Caller
from gateway.reads.workers import Lookup

router = APIRouter(prefix="/v1/workers", tags=["workers"])
_TEXT_MAX = 200


@router.post("/lookup", summary="Tìm người lao động / look up", openapi_extra=openapi.LOOKUP)
@needs("workers.lookup")
async def lookup(request: Request, caller: Caller) -> Response:
    """People with this number, or this name and birth date."""
    door = door_of(request)
    access = access_of(request, caller)
    wanted = _lookup(await door.bodies.json(request))
    return json_response({"items": await asyncio.to_thread(door.house.workers.lookup, wanted, access)})


@router.get("/{worker_id}", summary="Hồ sơ người lao động / a record", openapi_extra=openapi.WORKER)
@needs("workers.read")
async def show(request: Request, caller: Caller) -> Response:
    """The record, group by group, with source and freshness, and its state in each target."""
    door = door_of(request)
    if request.path_params["worker_id"] == "lookup":
        # Whoever asks for a look-up in the address is told how it is done, not that nobody has that id.
        raise HTTPException(405, headers={"Allow": "POST"})
    worker_id, access = path_id(request, "worker_id", "worker-not-found"), access_of(request, caller)
    record = await asyncio.to_thread(door.house.workers.show, worker_id, access, flag(request, "reveal"))
    targets = await asyncio.to_thread(target_bodies, door.house, worker_id)
    return json_response({**record, "targets": targets})


@router.get("/{worker_id}/history", summary="Các phiên bản / versions", openapi_extra=openapi.HISTORY)
@needs("workers.read")
async def history(request: Request, caller: Caller) -> Response:
    """Versions in order: which groups changed, and which entry caused it."""
    door = door_of(request)
    worker_id, access = path_id(request, "worker_id", "worker-not-found"), access_of(request, caller)
    limit, after = page_size(request), whole_number(request, "after", 0, 0, 2**31 - 1)
    items = await asyncio.to_thread(door.house.workers.history, worker_id, after, limit, access)
    return json_response({"items": items, "next": items[-1]["version"] if len(items) == limit else None})


@router.get(
    "/{worker_id}/observations", summary="Thông tin từ các nguồn / observations", openapi_extra=openapi.OBSERVATIONS
)
@needs("workers.read")
async def observations(request: Request, caller: Caller) -> Response:
    """What each source said, losing values included."""
    door = door_of(request)
    worker_id, access = path_id(request, "worker_id", "worker-not-found"), access_of(request, caller)
    limit, after = page_size(request), whole_number(request, "after", 0, 0, 2**62)
    reveal = flag(request, "reveal")
    items = await asyncio.to_thread(door.house.workers.observations, worker_id, after, limit, access, reveal)
    return json_response({"items": items, "next": items[-1]["observation_id"] if len(items) == limit else None})


@router.get("/{worker_id}/readers", summary="Ai đã đọc / who read", openapi_extra=openapi.READERS)
@needs("workers.readers")
async def readers(request: Request, caller: Caller) -> Response:
    """Who was shown this person's data, when and for what, newest first."""
    door = door_of(request)
    worker_id, access = path_id(request, "worker_id", "worker-not-found"), access_of(request, caller)
    limit, before = page_size(request), whole_number(request, "before", 2**62, 1, 2**62)
    found = await asyncio.to_thread(door.house.readers.reads_of, worker_id, before, limit, access)
    items = [asdict(one) for one in found]
    return json_response({"items": items, "next": found[-1].position if len(found) == limit else None})


def _lookup(body: Any) -> Lookup:
    known = {field.name for field in fields(Lookup)}
    if not isinstance(body, dict):
        raise ContractViolated("wrong-type", ("$",))
    if set(body) - known:
        raise ContractViolated("unknown-field", tuple(sorted(set(body) - known))[:5])
    wrong = [name for name, value in body.items() if not isinstance(value, str) or len(value) > _TEXT_MAX]
    if wrong:
        raise ContractViolated("wrong-type", tuple(wrong))
    return Lookup(**body)
