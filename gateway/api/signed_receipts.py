"""Signed receipts: proof, which others can check, that an entry was taken in."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.parameters import path_id, whole_number
from gateway.permissions import Caller

router = APIRouter(prefix="/v1/receipts", tags=["entries"])
_NO_LEAF: Final = -1


@router.get("/{batch}", summary="Biên nhận có ký / signed receipts", openapi_extra=openapi.SIGNED_RECEIPTS)
@needs("receipts.read")
async def signed_receipts(request: Request, caller: Caller) -> Response:
    """The caller's own receipts of one batch, as `proof` in the answer to an entry names it."""
    batch = path_id(request, "batch", "receipt-not-found")
    leaf = whole_number(request, "leaf", _NO_LEAF, 0, openapi.LEAF_MAX)
    room = door_of(request).house.receipts
    found = await asyncio.to_thread(room.of_batch, batch, None if leaf == _NO_LEAF else leaf, caller)
    return json_response({"items": [one.body() for one in found]})
