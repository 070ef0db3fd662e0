"""The register of incidents and of people's requests: codes, counts, ids and instants; a sentence has no place here."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import openapi_register as openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.parameters import flag, whole_member
from gateway.api.purpose import reading_of
from gateway.errors import ContractViolated, NotFound
from gateway.permissions import Caller
from gateway.register.room import PEOPLE_MAX, Standing
from gateway.store.register import STEPS

router = APIRouter(prefix="/v1/register", tags=["register"])
_YEAR_MIN: Final = 2000
_YEAR_MAX: Final = 2200
_EXAMPLE: Final = "2026-07-05T22:00:00+07:00"


@router.get("", summary="Sổ sự cố và yêu cầu / the register", openapi_extra=openapi.CASES)
@needs("register.read")
async def everything(request: Request, caller: Caller) -> Response:
    """What must be done next comes first."""
    house, reading = door_of(request).house, reading_of(request, caller)
    only_open, overdue = flag(request, "open"), flag(request, "overdue")
    found = await asyncio.to_thread(house.register.cases, caller, open_only=only_open, overdue_only=overdue)
    await asyncio.to_thread(house.readers.listed, reading, "register", [one.case.worker_id for one in found])
    return json_response({"items": [_body(one) for one in found]})


@router.get("/cases/{case}", summary="Một vụ việc / one case", openapi_extra=openapi.CASE)
@needs("register.read")
async def show(request: Request, caller: Caller) -> Response:
    """One case with its steps."""
    house, reading = door_of(request).house, reading_of(request, caller)
    found = await asyncio.to_thread(house.register.show, request.path_params["case"], caller)
    await asyncio.to_thread(house.readers.listed, reading, "register", [found.case.worker_id])
    return json_response(_body(found))


@router.post("/incidents", summary="Ghi sự cố / register an incident", openapi_extra=openapi.ADD_INCIDENT)
@needs("register.write")
async def add_incident(request: Request, caller: Caller) -> Response:
    """An incident was detected; it is reported within 72 hours."""
    door = door_of(request)
    body = _object(await door.bodies.json(request), {"kind", "detected_at", "people", "reference"})
    order = (_text(body, "kind"), _instant(body, "detected_at"), _people(body), _text(body, "reference"))
    return json_response(_body(await asyncio.to_thread(door.house.register.add_incident, *order, caller)), 201)


@router.post("/requests", summary="Ghi yêu cầu / register a request", openapi_extra=openapi.ADD_REQUEST)
@needs("register.write")
async def add_request(request: Request, caller: Caller) -> Response:
    """A person asked for something; it is acknowledged within 2 working days and carried out within 10."""
    door = door_of(request)
    body = _object(await door.bodies.json(request), {"kind", "worker_id", "received_at", "reference"})
    order = (_text(body, "kind"), _worker_id(body), _instant(body, "received_at"), _text(body, "reference"))
    return json_response(_body(await asyncio.to_thread(door.house.register.add_request, *order, caller)), 201)


@router.post("/cases/{case}/steps", summary="Ghi một bước / take a step", openapi_extra=openapi.TAKE_STEP)
@needs("register.write")
async def take_step(request: Request, caller: Caller) -> Response:
    """Acknowledged, reported or closed: the case's next step and no other."""
    door = door_of(request)
    body = _object(await door.bodies.json(request), {"step", "reference"})
    named, reference = _text(body, "step"), _text(body, "reference")
    step = next((one for one in STEPS if one == named), None)
    if step is None:
        raise ContractViolated("shape-invalid", ("step", "|".join(STEPS)))
    number = request.path_params["case"]
    return json_response(_body(await asyncio.to_thread(door.house.register.step, number, step, reference, caller)))


def _object(body: Any, members: set[str]) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise ContractViolated("wrong-type", ("$",))
    if unknown := sorted(set(body) - members):
        raise ContractViolated("unknown-field", tuple(unknown[:5]))
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise ContractViolated("shape-invalid" if value is None else "wrong-type", (name,))
    return value


def _people(body: dict[str, Any]) -> int:
    value = whole_member(body, "people")
    if not 0 <= value <= PEOPLE_MAX:
        raise ContractViolated("shape-invalid", ("people", f"0..{PEOPLE_MAX}"))
    return value


def _instant(body: dict[str, Any], name: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(_text(body, name))
    except ValueError:
        raise ContractViolated("shape-invalid", (name, _EXAMPLE)) from None
    if at.tzinfo is None or not _YEAR_MIN <= at.year <= _YEAR_MAX:
        raise ContractViolated("shape-invalid", (name, _EXAMPLE))
    return at


def _worker_id(body: dict[str, Any]) -> str:
    try:
        return str(UUID(_text(body, "worker_id")))
    except ValueError:
        raise NotFound("worker-not-found") from None


def _body(one: Standing) -> dict[str, object]:
    case = one.case
    return {
        "case": one.number,
        "type": case.type,
        "kind": case.kind,
        "state": case.steps[-1].step if case.steps else "registered",
        "begun_at": case.begun_at,
        "people": case.people,
        "worker_id": case.worker_id,
        "reference": case.reference,
        "registered_at": case.registered_at,
        "registered_by": case.registered_by,
        "next_step": case.next_step,
        "due_at": case.next_due_at,
        "remaining": None if one.remaining is None else asdict(one.remaining),
        "calendar": case.calendar,
        "steps": [asdict(step) for step in case.steps],
    }
