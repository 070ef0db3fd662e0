"""The audit trail for those who examine it: what `lgsp audit export` asks."""

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
from gateway.api.parameters import whole_number
from gateway.audit.chain import ChainRow
from gateway.audit.lines import body
from gateway.permissions import Caller
from gateway.store.audit_chain import READ_ROWS_MAX

router = APIRouter(prefix="/v1/audit", tags=["audit"])
_ROWS_DEFAULT: Final = 1_000


@router.get("/head", summary="Điểm cuối của nhật ký / where the trail ends", openapi_extra=openapi.opened("AuditHead"))
@needs("audit.read")
async def head(request: Request, caller: Caller) -> Response:
    """Where the chain of audit rows ends now, signed."""
    door = door_of(request)
    return json_response(body(await asyncio.to_thread(door.house.audit.head, caller)))


@router.get("/rows", summary="Nhật ký kiểm toán / audit rows", openapi_extra=openapi.AUDIT_ROWS)
@needs("audit.read")
async def rows(request: Request, caller: Caller) -> Response:
    """Rows behind a position with the checkpoints among them; leaves an audit row itself."""
    door = door_of(request)
    after = whole_number(request, "after", 0, 0, 2**62)
    limit = whole_number(request, "limit", _ROWS_DEFAULT, 1, READ_ROWS_MAX)
    found = await asyncio.to_thread(door.house.audit.page, after, limit, caller)
    positions = [part.position for part in found if isinstance(part, ChainRow)]
    return json_response({"items": list(map(body, found)), "next": positions[-1] if positions else after})


@router.get("/public-key", summary="Khóa công khai / public key", openapi_extra=openapi.opened("PublicKey"))
@needs("audit.key")
async def public_key(request: Request, _: Caller) -> Response:
    """The key with which anybody checks the trail's signatures."""
    door = door_of(request)
    key_id, pem = door.house.audit.public_key()
    return json_response({"key_id": key_id, "pem": pem})
