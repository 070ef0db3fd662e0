"""What the watcher says: how long each stage takes, and which gaps are open."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.permissions import Caller

router = APIRouter(prefix="/v1", tags=["watch"])


@router.get(
    "/watch", summary="Theo dõi từ kho tới hệ thống / proof that it arrived", openapi_extra=openapi.opened("Watch")
)
@needs("watch.read")
async def watch(request: Request, _: Caller) -> Response:
    """Lag per stage, and what is not where it should be; `watching` is false while no watcher says anything."""
    door = door_of(request)
    view = await asyncio.to_thread(door.house.watch.show)
    return json_response(
        {
            "watching": view.watching,
            "said_at": view.said_at,
            "stages": view.saying.get("stages", []),
            "position": view.saying.get("position"),
            "people": view.saying.get("people"),
            "rounds": view.saying.get("rounds"),
            "gaps": view.gaps,
            "gaps_by_alarm": view.counts,
            "gaps_by_stage": view.by_stage(),
        }
    )
