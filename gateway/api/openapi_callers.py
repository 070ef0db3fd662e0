"""The OpenAPI document's part about callers and tokens: operations, and the schemas of what they answer."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.openapi import FAULTS, PROBLEM, answer, found, json_body, opened, query, with_purpose
from gateway.callers.administration import HOUSE_KEYS
from gateway.permissions import ROLES

_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_LIST_OF_TEXTS: Final = {"type": "array", "items": _TEXT}
_NAME: Final = {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{1,62}$"}
_KINDS: Final = ["client", "person"]


def _members(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "object", "required": [*required], "properties": {**required, **(optional or {})}}


def _closed(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {**_members(required, optional), "additionalProperties": False}


_REFUSED: Final = {**FAULTS, "404": PROBLEM, "422": PROBLEM}
_OAUTH_FAULT: Final = answer("OAuthFault", "RFC 6749")
METADATA: Final[dict[str, Any]] = {"security": [], "responses": {"200": answer("ServerMetadata")}}
TOKEN: Final[dict[str, Any]] = {
    "security": [],
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": _closed(
                    {"grant_type": {"const": "client_credentials"}},
                    {"client_assertion_type": _TEXT, "client_assertion": _TEXT},
                )
            }
        },
    },
    "responses": {
        "200": answer("Token"),
        "400": _OAUTH_FAULT,
        "401": _OAUTH_FAULT,
        "404": PROBLEM,
        "413": PROBLEM,
        "415": PROBLEM,
        "503": PROBLEM,
    },
}
WHOAMI: Final = opened("WhoAmI")
AGENCIES: Final = opened("Agencies")
AGENCY: Final[dict[str, Any]] = {
    "requestBody": json_body(_closed({"code": _TEXT, "name": _TEXT})),
    "responses": {"200": answer("Agency"), **_REFUSED},
}
CALLERS: Final[dict[str, Any]] = {
    **opened("Callers"),
    "parameters": [query("kind", "client hoặc person / client or person", {"type": "string", "enum": _KINDS})],
}
CALLER: Final = found(opened("Caller"))
_RIGHTS: Final = {"agency": _TEXT, "unit": _TEXT, "role": {"enum": [*ROLES]}}
PROPOSE: Final[dict[str, Any]] = {
    "requestBody": json_body(
        _closed({"name": _NAME, "kind": {"enum": _KINDS}, **_RIGHTS}, {"tier": _TEXT, "addresses": _LIST_OF_TEXTS})
    ),
    "responses": {"201": answer("Proposed"), "202": answer("Proposed"), **_REFUSED},
}
DISABLE: Final = found(opened("CallerState"))
ISSUE_KEY: Final[dict[str, Any]] = {
    "requestBody": json_body(_closed({}, {"days": {"type": "integer", "minimum": 1, "maximum": 366}})),
    "responses": {"201": answer("IssuedKey"), "202": answer("Proposed"), **_REFUSED},
}
JWKS: Final[dict[str, Any]] = {
    "requestBody": json_body(_closed({"keys": {"type": "array", "items": {"type": "object"}}})),
    "responses": {"201": answer("Proposed"), "202": answer("Proposed"), **_REFUSED},
}
WITHDRAW: Final = found(opened("CallerState"))
PROPOSALS: Final = opened("Proposals")
PROPOSE_ROTATION: Final[dict[str, Any]] = {
    "requestBody": json_body(_closed({"key": {"enum": [*HOUSE_KEYS]}})),
    "responses": {"201": answer("Proposed"), "202": answer("Proposed"), **_REFUSED},
}
DECIDE: Final[dict[str, Any]] = {
    "responses": {"200": answer("CallerState"), "404": PROBLEM, "409": PROBLEM, **FAULTS},
}

ERASURES: Final = opened("Erasures")
ERASE: Final = with_purpose(
    {
        "requestBody": json_body(_closed({"worker_id": {"type": "string", "format": "uuid"}})),
        "responses": {"202": answer("Erasure"), **_REFUSED},
    }
)
DECIDE_ERASURE: Final[dict[str, Any]] = {
    "responses": {"200": answer("ErasureState"), "404": PROBLEM, "409": PROBLEM, **FAULTS},
}


def components() -> dict[str, Any]:
    """Every schema that these operations refer to, by name."""
    caller = {"name": _TEXT, "kind": _TEXT, "agency": _TEXT, "unit": _TEXT, "role": _TEXT, "tier": _TEXT}
    row = {**caller, "addresses": _LIST_OF_TEXTS, "state": _TEXT}
    key = _members({"key_id": _TEXT, "kind": _TEXT, "state": _TEXT, "expires_at": _TEXT_OR_NULL})
    erased = {"erasure": {"type": "integer"}, "worker_id": _TEXT, "state": _TEXT}
    erasure = {**erased, "requested_by": _TEXT, "expires_at": _TEXT, "decided_by": _TEXT_OR_NULL}
    proposal = {"proposal": {"type": "integer"}, "name": _TEXT, "act": _TEXT, "content": {}, "proposed_by": _TEXT}
    return {
        "ServerMetadata": _members({"issuer": _TEXT, "token_endpoint": _TEXT, "grant_types_supported": _LIST_OF_TEXTS}),
        "OAuthFault": _members({"error": _TEXT}),
        "Token": _members({"access_token": _TEXT, "token_type": _TEXT, "expires_in": {"type": "integer"}}),
        "WhoAmI": _members({"name": _TEXT, "unit": _TEXT, "role": _TEXT, "permissions": _LIST_OF_TEXTS}),
        "Agency": _members({"code": _TEXT, "name": _TEXT}),
        "Agencies": _items(_members({"code": _TEXT, "name": _TEXT})),
        "Caller": _members({**row, "keys": {"type": "array", "items": key}}),
        "Callers": _items(_members(row)),
        "CallerState": _members({"name": _TEXT, "state": _TEXT}),
        "Proposed": _members({"name": _TEXT, "state": _TEXT}, {"proposal": {"type": "integer"}}),
        "Proposals": _items(_members(proposal)),
        "Erasure": _members(erasure),
        "Erasures": _items(_members(erasure)),
        "ErasureState": _members(erased),
        "IssuedKey": _members({"name": _TEXT, "state": _TEXT, "key_id": _TEXT, "kind": _TEXT, "expires_at": _TEXT}),
    }


def _items(of: dict[str, Any]) -> dict[str, Any]:
    return _members({"items": {"type": "array", "items": of}})
