"""Targets for those on duty: pause and resume one, see who waits behind what, and how each process stands."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from dataclasses import asdict
from typing import Any, Final, cast

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts.causes import CAUSES
from contracts.problems import Language
from contracts.worker import SystemName
from gateway.api import openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.parameters import TARGETS, cause_of, cursor, page_size, target_of
from gateway.api.problems import language_of
from gateway.api.purpose import reading_of
from gateway.clock import instant
from gateway.errors import ContractViolated, NotFound
from gateway.permissions import Caller
from gateway.propagation.blocked import Blocked
from gateway.store.sender_reports import SenderReport
from gateway.store.target_pauses import PauseCause
from gateway.store.target_waiting import WAITING_STATES
from gateway.wiring import House

router = APIRouter(prefix="/v1", tags=["propagation"])
_REASON_LENGTH_MAX: Final = 500
_ORDERED: Final = ("by-hand", "maintenance")
_YEAR_MIN: Final = 2000
_YEAR_MAX: Final = 2200
_MEMBERS: Final = frozenset({"cause", "reason", "starts_at", "ends_at"})


@router.get("/targets", summary="Các hệ thống đích / targets", openapi_extra=openapi.opened("Targets"))
@needs("targets.read")
async def targets(request: Request, _: Caller) -> Response:
    """Each target: sent to or paused, who says so and until when; its people by state; each process's breaker."""
    door = door_of(request)
    return json_response({"items": await asyncio.to_thread(_targets, door.house)})


@router.post("/targets/{target}/pause", summary="Tạm dừng gửi / pause", openapi_extra=openapi.PAUSE)
@needs("targets.pause")
async def pause(request: Request, caller: Caller) -> Response:
    """Send nothing there from now, or from an announced instant, until resumed or until an announced end."""
    door = door_of(request)
    target = _path_target(request)
    order = _order(await door.bodies.json(request))
    made = await asyncio.to_thread(door.house.pauses.pause, target, caller.name, *order)
    return json_response(asdict(made))


@router.post("/targets/{target}/resume", summary="Gửi tiếp / resume", openapi_extra=openapi.RESUME)
@needs("targets.pause")
async def resume(request: Request, caller: Caller) -> Response:
    """Send again: what waits goes, each person's newest state once."""
    door = door_of(request)
    target = _path_target(request)
    if not await asyncio.to_thread(door.house.pauses.resume, target, caller.name):
        raise NotFound("pause-not-found")
    door.house.senders[target].resume()
    return json_response({"target": target, "state": "open"})


@router.get(
    "/propagation/blocked",
    summary="Ai đang chờ điều gì / who waits behind what",
    openapi_extra=openapi.opened("WhoWaits"),
)
@needs("targets.read")
async def blocked(request: Request, _: Caller) -> Response:
    """People who wait, by target and by the one thing they wait behind: since when, how many, the next attempt."""
    door = door_of(request)
    found = await asyncio.to_thread(door.house.propagation.blocked)
    backlog = await asyncio.to_thread(door.house.event_log.backlog)
    language = language_of(request)
    # Whoever is not on the stream yet waits for no target that we know of.
    return json_response({"items": [_blocked_body(one, language) for one in found], "pending_events": backlog.events})


@router.get("/propagation/waiting", summary="Những người đang chờ / people who wait", openapi_extra=openapi.WAITING)
@needs("targets.read")
async def waiting(request: Request, caller: Caller) -> Response:
    """The people who wait for one target, those waiting longest first."""
    door = door_of(request)
    reading = reading_of(request, caller)
    target = target_of(request.query_params.get("target"))
    state = request.query_params.get("state")
    if target is None or (state is not None and state not in WAITING_STATES):
        raise ContractViolated("shape-invalid", ("target" if target is None else "state",))
    cause, limit = cause_of(request.query_params.get("cause")), page_size(request)
    found = await asyncio.to_thread(door.house.propagation.people, target, state, cause, cursor(request, 2), limit)
    shown = [person.worker_id for person in found]
    await asyncio.to_thread(door.house.readers.listed, reading, "waiting", shown)
    items = [asdict(person) for person in found]
    return json_response({"items": items, "next": found[-1].cursor if len(found) == limit else None})


def _targets(house: House) -> list[dict[str, object]]:
    status = house.propagation
    pauses, reports, at = status.pauses(), status.senders(), instant(house.clock())
    people: dict[str, Counter[str]] = {name: Counter() for name in TARGETS}
    for row in status.waiting():
        people[row.target][row.state] += row.people
    found: list[dict[str, object]] = []
    for name in TARGETS:
        held = pauses.get(name)
        state = "open" if held is None else "announced" if held.announced(at) else "paused"
        found.append(
            {
                "target": name,
                "state": state if name in status.enabled else "switched_off",
                "pause": None if held is None else asdict(held),
                "people": dict(people[name]),
                "senders": [sender_body(report) for report in reports if report.target == name],
            }
        )
    return found


def sender_body(report: SenderReport) -> dict[str, object]:
    """How one process stands with one target."""
    return {
        "process": report.process,
        "target": report.target,
        "breaker": report.breaker,
        "cause": report.cause,
        "wait_s": report.wait_ms / 1_000,
        "calls_under_way": report.calls_under_way,
        "outcomes": orjson.Fragment(report.outcomes),
    }


def _blocked_body(one: Blocked, language: Language) -> dict[str, object]:
    known = CAUSES.get(one.cause or "")
    return {**asdict(one), "said": None if known is None else known.said(language)}


def _path_target(request: Request) -> SystemName:
    target = request.path_params["target"]
    if target not in TARGETS:
        raise NotFound("target-not-found")
    return cast(SystemName, target)


def _order(body: Any) -> tuple[PauseCause, str, str | None, str | None]:
    if not isinstance(body, dict):
        raise ContractViolated("wrong-type", ("$",))
    if unknown := sorted(set(body) - _MEMBERS):
        raise ContractViolated("unknown-field", tuple(unknown[:5]))
    cause, reason = body.get("cause", "by-hand"), body.get("reason")
    if cause not in _ORDERED:
        raise ContractViolated("shape-invalid", ("cause", "|".join(_ORDERED)))
    if not isinstance(reason, str) or not reason.strip():
        raise ContractViolated("reason-missing", ("reason",))
    if len(reason) > _REASON_LENGTH_MAX:
        raise ContractViolated("too-long", ("reason", str(_REASON_LENGTH_MAX)))
    if "\0" in reason:
        raise ContractViolated("nul-character", ("reason",))
    starts_at, ends_at = _instant_of(body, "starts_at"), _instant_of(body, "ends_at")
    if cause == "maintenance" and ends_at is None:
        # Callers are told until when; a maintenance without an end tells them nothing.
        raise ContractViolated("maintenance-without-end", ("ends_at",))
    return cast(PauseCause, cause), reason.strip(), starts_at, ends_at


def _instant_of(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ContractViolated("wrong-type", (name,))
    try:
        at = dt.datetime.fromisoformat(value)
    except ValueError:
        raise ContractViolated("shape-invalid", (name, "2026-07-05T22:00:00+07:00")) from None
    if at.tzinfo is None or not _YEAR_MIN <= at.year <= _YEAR_MAX:
        raise ContractViolated("shape-invalid", (name, "2026-07-05T22:00:00+07:00"))
    return instant(at)
