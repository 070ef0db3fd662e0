"""Where programs get tokens: the strong profile (private_key_jwt, RFC 7523, with DPoP) and the platform's own (LGSP).

Answers and faults are OAuth's (RFC 6749 section 5), so that ready-made clients work. Unknown client, wrong key and
expired key read the same.
"""

from __future__ import annotations

import asyncio
import base64
from typing import Final
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import openapi_callers as openapi
from gateway.api.admission import public
from gateway.api.bodies import json_response
from gateway.api.caller import called, prove, source_of
from gateway.api.door import door_of
from gateway.callers.assertions import ALGORITHMS, ASSERTION_TYPE, claimed
from gateway.callers.directory import may_come_from
from gateway.callers.tokens import Issued
from gateway.errors import ContractViolated, NotFound, NotPermitted

router = APIRouter(tags=["tokens"])
_GRANT: Final = "client_credentials"
_FORM: Final = "application/x-www-form-urlencoded"
_FIELDS_MAX: Final = 16
_HEADER_LENGTH_MAX: Final = 4_096
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@router.get(
    "/.well-known/oauth-authorization-server", summary="Máy chủ cấp quyền / metadata", openapi_extra=openapi.METADATA
)
@public
async def metadata(request: Request) -> Response:
    """What clients need to know (RFC 8414)."""
    settings = door_of(request).house.settings.callers
    return json_response(
        {
            "issuer": settings.issuer,
            "token_endpoint": called(request, "/oauth2/token", settings.public_url),
            "grant_types_supported": [_GRANT],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "dpop_signing_alg_values_supported": ["ES256", "Ed25519", "EdDSA"],
        }
    )


@router.post("/oauth2/token", summary="Lấy token (hồ sơ mạnh) / strong profile", openapi_extra=openapi.TOKEN)
@public
async def strong(request: Request) -> Response:
    """An assertion signed with the client's key, and a proof of the key that the token is to be bound to."""
    door = door_of(request)
    form = await _form(request)
    if form is None or form.get("grant_type") != _GRANT:
        return _fault("unsupported_grant_type" if form else "invalid_request", 400)
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        return _fault("invalid_client", 401)
    assertion, address, attempts = form.get("client_assertion", ""), source_of(request), door.callers.attempts
    name = claimed(assertion)
    attempts.check(address, name)
    row = await asyncio.to_thread(door.house.callers.assertions.client, assertion)
    if row is None or not may_come_from(row, address):
        attempts.failed(address, name)
        return _fault("invalid_client", 401)
    try:
        thumbprint = prove(door.house.callers.proofs, request, None, door.house.settings.callers.public_url)
    except NotPermitted as error:
        code = "use_dpop_nonce" if error.code == "proof-nonce-needed" else "invalid_dpop_proof"
        return _fault(code, 400, {"DPoP-Nonce": door.house.callers.proofs.nonce})
    lifetime_s = door.house.settings.callers.token_lifetime_s
    return _issued(door.house.callers.tokens.issue(row.name, lifetime_s, thumbprint=thumbprint))


@router.post("/token", summary="Lấy token (hồ sơ LGSP) / LGSP profile", openapi_extra=openapi.TOKEN)
@public
async def lgsp(request: Request) -> Response:
    """AccessKey and SecretKey in the header `lgspaccesstoken`; the token is bound to client and source address."""
    door = door_of(request)
    settings = door.house.settings.callers
    if not settings.lgsp_tokens:
        raise NotFound("not-found")
    form = await _form(request)
    if form is None or form.get("grant_type") != _GRANT:
        return _fault("unsupported_grant_type" if form else "invalid_request", 400)
    keys = _keys(request.headers.get("lgspaccesstoken", ""))
    address, attempts = source_of(request), door.callers.attempts
    attempts.check(address, keys[0])
    row = door.house.callers.directory.holder(f"{keys[0]}:{keys[1]}", "lgsp")
    if row is None or not may_come_from(row, address):
        attempts.failed(address, keys[0])
        return _fault("invalid_client", 401)
    return _issued(
        door.house.callers.tokens.issue(row.name, settings.lgsp_token_lifetime_s, address=address or "unknown")
    )


async def _form(request: Request) -> dict[str, str] | None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise ContractViolated("unsupported-media-type", ("Content-Type", _FORM))
    raw = await door_of(request).bodies.raw(request)
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS_MAX)
    except ValueError:
        return None
    # A parameter twice could mean two things (RFC 6749 section 3.2).
    return dict(pairs) if len(dict(pairs)) == len(pairs) else None


def _keys(header: str) -> tuple[str, str]:
    """AccessKey and SecretKey; empty ones fit nobody."""
    if len(header) > _HEADER_LENGTH_MAX:
        return "", ""
    try:
        said = orjson.loads(base64.b64decode(header.encode("ascii"), validate=True))
        return str(said["AccessKey"]), str(said["SecretKey"])
    except (ValueError, TypeError, KeyError, UnicodeError):
        return "", ""


def _issued(issued: Issued) -> Response:
    body = {"access_token": issued.access_token, "token_type": issued.token_type, "expires_in": issued.expires_in}
    return _answer(body, 200, {})


def _fault(error: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return _answer({"error": error}, status, headers or {})


def _answer(body: dict[str, object], status: int, headers: dict[str, str]) -> Response:
    response = json_response(body, status)
    response.headers.update({**_NO_STORE, **headers})
    return response
