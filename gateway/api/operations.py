"""For those who watch and repair: events, dead letters, verifications, quality, rules and status."""

from __future__ import annotations

import asyncio
from typing import cast

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts.worker import SystemName
from gateway.api import openapi
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.parameters import WAIT_S_MAX, id_cursor, page_size, path_id, whole_number
from gateway.api.problems import language_of
from gateway.errors import ContractViolated, NotFound
from gateway.quality.catalogue import rule_texts

router = APIRouter(prefix="/v1", tags=["operations"])
TARGETS = ("population", "social_insurance", "labour_market")
OUTCOMES = ("waiting", "verified", "not_found", "differs", "no_answer")


@router.get("/events", summary="Luồng sự kiện / events", openapi_extra=openapi.EVENTS)
async def events(request: Request) -> Response:
    """Published events after a position, oldest first; `wait_s` waits for the next one when there is none."""
    door = door_of(request)
    door.token.caller(request)
    after = whole_number(request, "after", 0, 0, 2**62)
    limit, wait_s = page_size(request), whole_number(request, "wait_s", 0, 0, WAIT_S_MAX)
    found = await door.house.events_after(after, limit, wait_s)
    items = [{"position": one.position, "event": orjson.Fragment(one.body)} for one in found]
    return json_response({"items": items, "next": found[-1].position if found else after})


@router.get("/dead-letters", summary="Bản tin lỗi / dead letters", openapi_extra=openapi.PAGE)
async def dead_letters(request: Request) -> Response:
    """Deliveries that could not be made, with cause and attempts."""
    door = door_of(request)
    door.token.caller(request)
    limit = page_size(request)
    target, cause = _target(request.query_params.get("target")), request.query_params.get("cause")
    after = request.query_params.get("after") or None
    page = await asyncio.to_thread(door.house.list_dead_letters, target, cause, after, limit)
    return json_response(page)


@router.get("/dead-letters/{worker_id}/{target}", summary="Một bản tin lỗi / one letter", openapi_extra=openapi.OPEN)
async def dead_letter(request: Request) -> Response:
    """One dead letter with what the target said."""
    door = door_of(request)
    door.token.caller(request)
    worker_id, target = _letter(request)
    letter = await asyncio.to_thread(door.house.show_dead_letter, worker_id, target)
    if letter is None:
        raise NotFound("dead-letter-not-found")
    return json_response(letter)


@router.post("/dead-letters/{worker_id}/{target}/retry", summary="Gửi lại / retry", openapi_extra=openapi.OPEN)
async def retry(request: Request) -> Response:
    """Make one delivery due again, with the record as it stands now."""
    door = door_of(request)
    door.token.caller(request)
    worker_id, target = _letter(request)
    if not await asyncio.to_thread(door.house.retry_dead_letter, worker_id, target):
        raise NotFound("dead-letter-not-found")
    return json_response({"worker_id": worker_id, "target": target, "state": "due"})


@router.post("/dead-letters/retry", summary="Gửi lại nhiều / retry many", openapi_extra=openapi.RETRY_MANY)
async def retry_many(request: Request) -> Response:
    """Make all letters of a target or a cause due again."""
    door = door_of(request)
    door.token.caller(request)
    body = await door.bodies.json(request)
    if not isinstance(body, dict) or set(body) - {"target", "cause"}:
        raise ContractViolated("unknown-field", ("target", "cause"))
    cause = body.get("cause")
    if cause is not None and not isinstance(cause, str):
        raise ContractViolated("wrong-type", ("cause",))
    target = _target(body.get("target"))
    return json_response({"retried": await asyncio.to_thread(door.house.retry_dead_letters, target, cause)})


@router.get("/verifications", summary="Xác thực danh tính / verifications", openapi_extra=openapi.PAGE)
async def verifications(request: Request) -> Response:
    """People by the population database's answer: not found, differs, no answer, verified, waiting."""
    door = door_of(request)
    door.token.caller(request)
    outcome = request.query_params.get("outcome")
    if outcome is not None and outcome not in OUTCOMES:
        raise ContractViolated("shape-invalid", ("outcome", "|".join(OUTCOMES)))
    limit = page_size(request)
    return json_response(await asyncio.to_thread(door.house.list_verifications, outcome, id_cursor(request), limit))


@router.get("/quality", summary="Chất lượng theo xã / quality per commune", openapi_extra=openapi.OPEN)
async def quality(request: Request) -> Response:
    """Đúng, Đủ, Sạch, Sống: scores and colours per commune and for the province."""
    door = door_of(request)
    door.token.caller(request)
    commune = request.query_params.get("commune")
    if commune is not None and not (commune.isascii() and commune.isdigit() and len(commune) == 5):
        raise ContractViolated("shape-invalid", ("commune",))
    return json_response(await asyncio.to_thread(door.house.quality.show, commune))


@router.get("/rules", summary="Các quy tắc / rules", openapi_extra=openapi.OPEN)
async def rules(request: Request) -> Response:
    """Every rule with its message, remedy and source."""
    door_of(request).token.caller(request)
    return json_response({"items": [text.as_json(language_of(request)) for text in rule_texts()]})


@router.get("/status", summary="Tình trạng hệ thống / status", openapi_extra=openapi.OPEN)
async def status(request: Request) -> Response:
    """What waits where: entries, relay, targets, verification."""
    door = door_of(request)
    door.token.caller(request)
    return json_response(await asyncio.to_thread(door.house.status))


def _target(value: object) -> SystemName | None:
    if value is None:
        return None
    if value not in TARGETS:
        raise ContractViolated("shape-invalid", ("target", "|".join(TARGETS)))
    return cast(SystemName, value)


def _letter(request: Request) -> tuple[str, SystemName]:
    worker_id = path_id(request, "worker_id", "dead-letter-not-found")
    target = request.path_params["target"]
    if target not in TARGETS:
        raise NotFound("dead-letter-not-found")
    return worker_id, cast(SystemName, target)
