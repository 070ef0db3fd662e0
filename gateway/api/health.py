"""/livez looks only at itself; /readyz asks what an api process cannot work without."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import openapi
from gateway.api.admission import public
from gateway.api.bodies import json_response
from gateway.api.door import door_of

router = APIRouter(tags=["health"])
READY_WITHIN_S = 5.0


@router.get("/livez", summary="Còn sống / alive", openapi_extra=openapi.ALIVE)
@public
async def livez() -> Response:
    """The process answers."""
    return json_response({"state": "alive"})


@router.get("/readyz", summary="Sẵn sàng / ready", openapi_extra=openapi.READY)
@public
async def readyz(request: Request) -> Response:
    """Database, keys and audit; the oldest pending event counts only beyond its stated bound."""
    house = door_of(request).house
    try:
        checks = await asyncio.wait_for(asyncio.to_thread(house.readiness), READY_WITHIN_S)
    except TimeoutError:
        checks = {"database": "no answer"}
    ready = all(state == "ok" for state in checks.values())
    return json_response({"state": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503)
