"""For those who watch and repair: events, dead letters, verifications, quality, rules and status."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any, Final, cast

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts.worker import SystemName
from gateway.api import openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.parameters import TARGETS, WAIT_S_MAX, cause_of, cursor, page_size, path_id, target_of, whole_number
from gateway.api.problems import language_of
from gateway.api.purpose import access_of, reading_of
from gateway.api.receipts import rule_body
from gateway.api.status import house_status
from gateway.errors import ContractViolated, NotFound
from gateway.permissions import Caller
from gateway.quality.catalogue import catalogue
from gateway.reads.access import reading_for
from gateway.store.event_log import PublishedEvent
from gateway.store.verifications import OUTCOMES
from gateway.wiring import House

router = APIRouter(prefix="/v1", tags=["operations"])
_LOOK_AGAIN_S: Final = 0.1


@router.get("/events", summary="Luồng sự kiện / events", openapi_extra=openapi.EVENTS)
@needs("events.read")
async def events(request: Request, caller: Caller) -> Response:
    """Published events after a position, oldest first; `wait_s` waits for the next one when there is none."""
    door = door_of(request)
    reading = reading_of(request, caller)
    after = whole_number(request, "after", 0, 0, 2**62)
    limit, wait_s = page_size(request), whole_number(request, "wait_s", 0, 0, WAIT_S_MAX)
    found = await _events_after(door.house, after, limit, wait_s)
    await asyncio.to_thread(door.house.readers.listed, reading, "events", [one.worker_id for one in found])
    items = [{"position": one.position, "event": orjson.Fragment(one.body)} for one in found]
    return json_response({"items": items, "next": found[-1].position if found else after})


@router.get("/dead-letters", summary="Bản tin lỗi / dead letters", openapi_extra=openapi.DEAD_LETTERS)
@needs("dead_letters.read")
async def dead_letters(request: Request, caller: Caller) -> Response:
    """Deliveries that could not be made, with cause and attempts."""
    door = door_of(request)
    reading = reading_of(request, caller)
    limit = page_size(request)
    target, cause = target_of(request.query_params.get("target")), cause_of(request.query_params.get("cause"))
    found = await asyncio.to_thread(door.house.dead_letters.list, target, cause, cursor(request, 3), limit)
    shown = [letter.worker_id for letter in found]
    await asyncio.to_thread(door.house.readers.listed, reading, "dead-letters", shown)
    items = [asdict(letter) for letter in found]
    return json_response({"items": items, "next": found[-1].cursor if len(found) == limit else None})


@router.get("/dead-letters/{worker_id}/{target}", summary="Một bản tin lỗi / one letter", openapi_extra=openapi.LETTER)
@needs("dead_letters.read")
async def dead_letter(request: Request, caller: Caller) -> Response:
    """One dead letter with what the target said, which may name the person."""
    door = door_of(request)
    worker_id, target = _letter(request)
    reading = reading_for(access_of(request, caller))
    opened = await asyncio.to_thread(door.house.dead_letters.show, worker_id, target)
    if opened is None:
        raise NotFound("dead-letter-not-found")
    await asyncio.to_thread(door.house.readers.letter, reading, worker_id, target)
    return json_response({**asdict(opened.letter), "answer": opened.answer})


@router.post("/dead-letters/{worker_id}/{target}/retry", summary="Gửi lại / retry", openapi_extra=openapi.RETRY)
@needs("dead_letters.retry")
async def retry(request: Request, caller: Caller) -> Response:
    """Make one delivery due again, with the record as it stands now."""
    door = door_of(request)
    worker_id, target = _letter(request)
    if not await asyncio.to_thread(door.house.dead_letters.retry, worker_id, target, caller.name):
        raise NotFound("dead-letter-not-found")
    door.house.senders[target].wake()
    return json_response({"worker_id": worker_id, "target": target, "state": "due"})


@router.post("/dead-letters/retry", summary="Gửi lại nhiều / retry many", openapi_extra=openapi.RETRY_MANY)
@needs("dead_letters.retry")
async def retry_many(request: Request, caller: Caller) -> Response:
    """Make all letters of a target or a cause due again."""
    door = door_of(request)
    target, cause = _chosen(await door.bodies.json(request))
    retried = await asyncio.to_thread(door.house.dead_letters.retry_all, caller.name, target, cause)
    for sender in door.house.senders.values():
        sender.wake()
    return json_response({"retried": retried})


@router.get("/verifications", summary="Xác thực danh tính / verifications", openapi_extra=openapi.VERIFICATIONS)
@needs("verifications.read")
async def verifications(request: Request, caller: Caller) -> Response:
    """People by the population database's answer: not found, differs, no answer, verified, waiting."""
    door = door_of(request)
    reading = reading_of(request, caller)
    outcome = request.query_params.get("outcome", "not_found")
    if outcome not in OUTCOMES:
        raise ContractViolated("shape-invalid", ("outcome", "|".join(OUTCOMES)))
    limit = page_size(request)
    found = await asyncio.to_thread(door.house.verifications.list, outcome, cursor(request, 2), limit, caller.commune)
    shown = [one.worker_id for one in found]
    await asyncio.to_thread(door.house.readers.listed, reading, "verifications", shown)
    items = [
        {
            "worker_id": one.worker_id,
            "outcome": one.outcome,
            "differing": one.differing,
            "cause": one.cause,
            "attempts": one.attempts,
            "since": one.since,
            "next_at": one.next_at,
            "commune": one.commune,
        }
        for one in found
    ]
    return json_response({"items": items, "next": found[-1].cursor if len(found) == limit else None})


@router.post("/verifications/{worker_id}/ask", summary="Hỏi lại / ask again", openapi_extra=openapi.ASK_AGAIN)
@needs("verifications.ask")
async def ask_again(request: Request, caller: Caller) -> Response:
    """Ask the population database about a person once more, for instance after it was completed."""
    door = door_of(request)
    worker_id = path_id(request, "worker_id", "verification-not-needed")
    if not await asyncio.to_thread(door.house.verifications.ask_again, worker_id, caller.name):
        raise NotFound("verification-not-needed")
    return json_response({"worker_id": worker_id, "outcome": "waiting"})


@router.get("/quality", summary="Chất lượng theo xã / quality per commune", openapi_extra=openapi.QUALITY)
@needs("quality.read")
async def quality(request: Request, _: Caller) -> Response:
    """Đúng, Đủ, Sạch, Sống: scores and colours per commune and for the province."""
    door = door_of(request)
    commune = request.query_params.get("commune")
    if commune is not None and not (commune.isascii() and commune.isdigit() and len(commune) == 5):
        raise ContractViolated("shape-invalid", ("commune",))
    return json_response(await asyncio.to_thread(door.house.quality.show, commune))


@router.get("/rules", summary="Các quy tắc / rules", openapi_extra=openapi.opened("Rules"))
@needs("rules.read")
async def rules(request: Request, _: Caller) -> Response:
    """Every rule with its message, remedy and source."""
    language = language_of(request)
    return json_response({"items": [rule_body(text, language) for text in catalogue().values()]})


@router.get("/status", summary="Tình trạng hệ thống / status", openapi_extra=openapi.opened("Status"))
@needs("status.read")
async def status(request: Request, _: Caller) -> Response:
    """What waits where: entries, relay, targets, verification."""
    door = door_of(request)
    return json_response(await asyncio.to_thread(house_status, door.house))


async def _events_after(house: House, after: int, limit: int, wait_s: int) -> list[PublishedEvent]:
    deadline = asyncio.get_running_loop().time() + wait_s
    while True:
        found = await asyncio.to_thread(house.event_log.after, after, limit)
        if found or asyncio.get_running_loop().time() >= deadline:
            return found
        await asyncio.sleep(_LOOK_AGAIN_S)


def _chosen(body: Any) -> tuple[SystemName | None, str | None]:
    if not isinstance(body, dict):
        raise ContractViolated("wrong-type", ("$",))
    if unknown := sorted(set(body) - {"target", "cause"}):
        raise ContractViolated("unknown-field", tuple(unknown[:5]))
    return target_of(body.get("target")), cause_of(body.get("cause"))


def _letter(request: Request) -> tuple[str, SystemName]:
    worker_id = path_id(request, "worker_id", "dead-letter-not-found")
    target = request.path_params["target"]
    if target not in TARGETS:
        raise NotFound("dead-letter-not-found")
    return worker_id, cast(SystemName, target)
