"""POST /v1/entries and GET /v1/entries/{id}."""

from __future__ import annotations

import asyncio
from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from contracts.entry import KEY_LENGTH_MAX, Receipt
from contracts.problems import Language
from gateway.api import openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.parameters import path_id, trace_parent
from gateway.api.problems import MEDIA_TYPE, language_of
from gateway.api.purpose import reading_of
from gateway.api.reading_entries import Read, read_entries
from gateway.api.receipts import finding_body, receipt_body, receipt_status
from gateway.api.status import target_bodies
from gateway.errors import ContractViolated, NotFound
from gateway.intake import Submission
from gateway.intake.neutral import sighted
from gateway.permissions import Caller
from gateway.propagation.notice import HEADER
from gateway.store.entries import StoredEntry
from gateway.wiring import House

router = APIRouter(prefix="/v1/entries", tags=["entries"])


@router.post("", summary="Gửi phiếu / submit entries", openapi_extra=openapi.SUBMIT)
@needs("entries.submit")
async def submit(request: Request, caller: Caller) -> Response:
    """One entry → its receipt (201, 200, 202 or 4xx). `{"entries": […]}` → 200 and one receipt each, in order."""
    door = door_of(request)
    door.house.pressure.check()
    value = await door.bodies.json(request)
    read = read_entries(value, caller.name, _header_key(request), trace_parent(request))
    response = await _answer(request, read, caller)
    if (notice := door.house.notice.header) is not None:
        response.headers[HEADER] = notice
    return response


@router.get("/{entry_id}", summary="Tình trạng của phiếu / state of an entry", openapi_extra=openapi.ENTRY)
@needs("entries.read")
async def show(request: Request, caller: Caller) -> Response:
    """What became of an entry: its findings, and its state in each target."""
    door = door_of(request)
    reading = reading_of(request, caller)
    entry_id = path_id(request, "entry_id", "entry-not-found")
    stored = await asyncio.to_thread(door.house.entries.get, entry_id)
    if stored is None or not await _sees(door.house, caller, stored):
        raise NotFound("entry-not-found")
    await asyncio.to_thread(door.house.readers.entry, reading, entry_id, stored.worker_id)
    targets = []
    if stored.worker_id is not None:
        targets = await asyncio.to_thread(target_bodies, door.house, stored.worker_id)
    return json_response({**entry_body(stored, language_of(request)), "targets": targets})


async def _sees(house: House, caller: Caller, stored: StoredEntry) -> bool:
    """An entry belongs to the unit of the person it is about; while that is not known, to the unit it came from."""
    if caller.commune is None:
        return True
    if stored.worker_id is None:
        return caller.sees(stored.commune)
    communes = await asyncio.to_thread(house.records.communes, [stored.worker_id])
    return caller.sees(communes.get(stored.worker_id))


def entry_body(stored: StoredEntry, language: Language) -> dict[str, object]:
    """An entry without its fields."""
    return {
        "id": stored.entry_id,
        "state": stored.state,
        "received_at": stored.received_at,
        "source": stored.source,
        "form": stored.form,
        "declared_on": stored.declared_on,
        "commune": stored.commune,
        "worker_id": stored.worker_id,
        "version": stored.version,
        "replaces": stored.replaces,
        "findings": [finding_body(finding, language) for finding in stored.receipt.findings],
        "decided_at": stored.decided_at,
        "decided_by": stored.decided_by,
        "decision": stored.decision,
    }


async def _answer(request: Request, read: Read, caller: Caller) -> Response:
    language = language_of(request)
    if read.single:
        (only,) = read.entries
        house = door_of(request).house
        receipt = only if isinstance(only, Receipt) else await house.gathering.submit(only)
        return _one((await _sighted(house, [receipt], caller))[0], language)
    receipts = await _sighted(door_of(request).house, await _many(request, read), caller)
    return json_response({"receipts": [receipt_body(receipt, language) for receipt in receipts]})


async def _many(request: Request, read: Read) -> list[Receipt]:
    intake = door_of(request).house.intake
    submissions = [one for one in read.entries if isinstance(one, Submission)]
    stored = iter(await intake.receive(submissions))
    return [one if isinstance(one, Receipt) else next(stored) for one in read.entries]


async def _sighted(house: House, receipts: list[Receipt], caller: Caller) -> list[Receipt]:
    if caller.commune is None:
        return receipts
    ids = sorted({receipt.worker_id for receipt in receipts if receipt.worker_id is not None})
    communes = await asyncio.to_thread(house.records.communes, ids) if ids else {}
    return sighted(receipts, caller, communes)


def _one(receipt: Receipt, language: Language) -> Response:
    response = json_response(receipt_body(receipt, language), receipt_status(receipt))
    if receipt.id is not None:
        response.headers["Location"] = f"/v1/entries/{receipt.id}"
    if receipt.problem is not None:
        body = cast(dict[str, object], receipt_body(receipt, language)["problem"])
        refused = json_response({**body, "receipt": receipt_body(receipt, language)}, receipt_status(receipt))
        refused.headers["Content-Type"] = MEDIA_TYPE
        return refused
    return response


def _header_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= KEY_LENGTH_MAX:
        raise ContractViolated("too-long" if key else "shape-invalid", ("Idempotency-Key", f"1..{KEY_LENGTH_MAX}"))
    return key
