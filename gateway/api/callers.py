"""Agencies, callers, their keys and rights, and the proposals about them: for `lgsp clients`, `people`, `proposals`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final, cast

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import openapi_callers as openapi
from gateway.api.admission import needs
from gateway.api.bodies import json_response
from gateway.api.door import door_of
from gateway.api.parameters import whole_member
from gateway.callers.administration import PUBLIC_KEYS, Decision, Done
from gateway.callers.keys import IssuedKey
from gateway.clock import instant
from gateway.errors import ContractViolated, NotFound
from gateway.permissions import ROLES, Caller
from gateway.permissions.table import permissions_of
from gateway.store.approvals import Approval
from gateway.store.callers import CallerKey, CallerRow, Rights

router = APIRouter(prefix="/v1", tags=["callers"])
_TEXTS: Final = ("name", "kind", "agency", "unit", "role", "tier")
_KEY_DAYS: Final = 90
_KINDS: Final = (None, "client", "person")


@router.get("/whoami", summary="Tôi là ai / who am I", openapi_extra=openapi.WHOAMI)
@needs("callers.self")
async def whoami(_: Request, caller: Caller) -> Response:
    """The caller as the gateway sees it, and what it may do."""
    return json_response({**asdict(caller), "permissions": permissions_of(caller.role)})


@router.get("/agencies", summary="Cơ quan / agencies", openapi_extra=openapi.AGENCIES)
@needs("callers.read")
async def agencies(request: Request, caller: Caller) -> Response:
    """Agencies that callers belong to."""
    found = await asyncio.to_thread(door_of(request).house.callers.administration.agencies, caller)
    return json_response({"items": [{"code": code, "name": name} for code, name in found.items()]})


@router.post("/agencies", summary="Thêm cơ quan / register an agency", openapi_extra=openapi.AGENCY)
@needs("callers.manage")
async def register_agency(request: Request, caller: Caller) -> Response:
    """Add an agency, or give it another name."""
    body = await _object(request, {"code", "name"})
    code, name = _text(body, "code"), _text(body, "name")
    made = await asyncio.to_thread(door_of(request).house.callers.administration.register_agency, code, name, caller)
    return json_response({"code": made, "name": name.strip()})


@router.get("/callers", summary="Tài khoản / callers", openapi_extra=openapi.CALLERS)
@needs("callers.read")
async def everybody(request: Request, caller: Caller) -> Response:
    """Who may call; `kind`: client or person."""
    kind = request.query_params.get("kind")
    if kind not in _KINDS:
        raise ContractViolated("shape-invalid", ("kind", "client|person"))
    found = await asyncio.to_thread(door_of(request).house.callers.administration.everybody, kind, caller)
    return json_response({"items": [_row(row) for row in found]})


@router.post("/callers", summary="Đề nghị thêm hoặc đổi quyền / propose", openapi_extra=openapi.PROPOSE)
@needs("callers.manage")
async def propose(request: Request, caller: Caller) -> Response:
    """Ask for a caller, or for other rights of one: 202 with a proposal, or 201 on the first day (docs/callers.md)."""
    body = await _object(request, {*_TEXTS, "addresses"})
    given = {name: _text(body, name) for name in _TEXTS if name != "tier"}
    name = given.pop("name")
    tier = body.get("tier") or (ROLES[given["role"]].tier if given["role"] in ROLES else "")
    addresses = body.get("addresses", [])
    if not isinstance(addresses, list) or not all(isinstance(one, str) for one in addresses):
        raise ContractViolated("wrong-type", ("addresses",))
    rights = Rights(**cast(Any, given), tier=str(tier), addresses=tuple(addresses))
    done = await asyncio.to_thread(door_of(request).house.callers.administration.propose, name, rights, caller)
    return _done(name, done)


@router.get("/callers/{name}", summary="Một tài khoản / one caller", openapi_extra=openapi.CALLER)
@needs("callers.read")
async def show(request: Request, caller: Caller) -> Response:
    """Rights, and keys without their secrets."""
    door = door_of(request)
    row, keys = await asyncio.to_thread(door.house.callers.administration.show, _name(request), caller)
    at = instant(door.house.clock())
    return json_response({**_row(row), "keys": [_key(key, at) for key in keys]})


@router.post("/callers/{name}/disable", summary="Khóa tài khoản / disable", openapi_extra=openapi.DISABLE)
@needs("callers.manage")
async def disable(request: Request, caller: Caller) -> Response:
    """End a caller's rights, tokens and keys within seconds, in every process."""
    name = _name(request)
    await asyncio.to_thread(door_of(request).house.callers.administration.disable, name, caller)
    return json_response({"name": name, "state": "disabled"})


@router.post("/callers/{name}/keys", summary="Đề nghị cấp khóa / ask for a key", openapi_extra=openapi.ISSUE_KEY)
@needs("callers.manage")
async def issue_key(request: Request, caller: Caller) -> Response:
    """Ask for a new secret key: 202 with a proposal; on the first day 201 with the key, in this answer alone."""
    body = await _object(request, {"days"})
    days = whole_member({"days": _KEY_DAYS, **body}, "days")
    administration = door_of(request).house.callers.administration
    name = _name(request)
    return _done(name, await asyncio.to_thread(administration.issue_key, name, days, caller))


@router.put("/callers/{name}/jwks", summary="Khóa công khai / public keys", openapi_extra=openapi.JWKS)
@needs("callers.manage")
async def public_keys(request: Request, caller: Caller) -> Response:
    """Ask for the client's public keys to be these (JWK Set, RFC 7517); those that are not in the set end."""
    body = await _object(request, {"keys"})
    name = _name(request)
    administration = door_of(request).house.callers.administration
    return _done(name, await asyncio.to_thread(administration.set_public_keys, name, body, caller))


@router.delete("/callers/{name}/keys/{key_id}", summary="Thu hồi khóa / withdraw", openapi_extra=openapi.WITHDRAW)
@needs("callers.manage")
async def withdraw_key(request: Request, caller: Caller) -> Response:
    """End one key and the tokens of its caller."""
    name, key_id = _name(request), str(request.path_params["key_id"])[:64]
    if not key_id.isalnum():
        raise NotFound("key-not-found")
    await asyncio.to_thread(door_of(request).house.callers.administration.withdraw_key, name, key_id, caller)
    return json_response({"name": name, "key_id": key_id, "state": "withdrawn"})


@router.get("/proposals", summary="Đề nghị chờ duyệt / proposals", openapi_extra=openapi.PROPOSALS)
@needs("callers.read")
async def proposals(request: Request, caller: Caller) -> Response:
    """What waits for a second person."""
    found = await asyncio.to_thread(door_of(request).house.callers.administration.proposals, caller)
    return json_response({"items": [_proposal(one) for one in found]})


@router.post("/keys/rotations", summary="Đề nghị thay khóa / rotate a key", openapi_extra=openapi.PROPOSE_ROTATION)
@needs("keys.rotate")
async def propose_rotation(request: Request, caller: Caller) -> Response:
    """That a house key be replaced; somebody else confirms, and whoever has the server does it."""
    body = await _object(request, {"key"})
    administration = door_of(request).house.callers.administration
    key = _text(body, "key")
    return _done(key, await asyncio.to_thread(administration.propose_rotation, key, caller))


@router.post("/proposals/{number}/confirm", summary="Duyệt / confirm", openapi_extra=openapi.DECIDE)
@needs("callers.confirm")
async def confirm(request: Request, caller: Caller) -> Response:
    """What another proposed becomes so."""
    return await _decided(request, caller, "confirmed")


@router.post("/proposals/{number}/refuse", summary="Từ chối / refuse", openapi_extra=openapi.DECIDE)
@needs("callers.confirm")
async def refuse(request: Request, caller: Caller) -> Response:
    """The proposal ends."""
    return await _decided(request, caller, "refused")


async def _decided(request: Request, caller: Caller, decision: Decision) -> Response:
    text = str(request.path_params["number"])
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise NotFound("approval-not-found")
    administration = door_of(request).house.callers.administration
    found, key = await asyncio.to_thread(administration.decide, int(text), decision, caller)
    told = {"proposal": found.id, "name": found.subject, "act": found.action, "state": decision}
    return json_response(told | _shown_once(key))


def _done(name: str, done: Done) -> Response:
    if done.proposal is None:
        return json_response({"name": name, "state": "active"} | _shown_once(done.key), 201)
    return json_response({"name": name, "state": "proposed", "proposal": done.proposal}, 202)


async def _object(request: Request, members: set[str]) -> Mapping[str, Any]:
    body = await door_of(request).bodies.json(request)
    if not isinstance(body, dict):
        raise ContractViolated("wrong-type", ("$",))
    if unknown := sorted(set(body) - members):
        raise ContractViolated("unknown-field", tuple(unknown[:5]))
    return body


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise ContractViolated("shape-invalid" if value is None else "wrong-type", (name,))
    if "\0" in value:
        raise ContractViolated("nul-character", (name,))
    return value


def _name(request: Request) -> str:
    name = str(request.path_params["name"])
    if not name.isascii() or not name.isprintable() or len(name) > 64:
        raise NotFound("caller-not-found")
    return name


def _row(row: CallerRow) -> dict[str, object]:
    told = {"state": row.state, "created_at": row.created_at, "changed_at": row.changed_at}
    return {"name": row.name, **asdict(row.rights), **told}


def _key(key: CallerKey, at: str) -> dict[str, object]:
    return {
        "key_id": key.key_id,
        "kind": key.kind,
        "state": "active" if key.holds(at) else "withdrawn" if key.withdrawn_at else "expired",
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "withdrawn_at": key.withdrawn_at,
    }


def _shown_once(made: IssuedKey | None) -> dict[str, object]:
    return {} if made is None else {name: value for name, value in asdict(made).items() if value is not None}


def _proposal(one: Approval) -> dict[str, object]:
    content = orjson.loads(one.content)
    return {
        "proposal": one.id,
        "name": one.subject,
        "act": one.action,
        # Of public keys their ids say enough to compare.
        "content": sorted(content) if one.action == PUBLIC_KEYS else content,
        "proposed_by": one.requested_by,
        "proposed_at": one.requested_at,
        "expires_at": one.expires_at,
    }
