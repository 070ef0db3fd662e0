"""Problems as answers (RFC 9457): the only place that knows which HTTP status goes with a code."""

from __future__ import annotations

import re
import uuid
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from contracts.problems import PROBLEMS, Language, problem
from gateway.errors import Busy, Conflict, ContractViolated, GatewayError, NotFound, NotPermitted, TooMuch

_STATUS_OF_KIND: Final[dict[type[GatewayError], int]] = {
    ContractViolated: 400,
    NotPermitted: 403,
    NotFound: 404,
    Conflict: 409,
    TooMuch: 429,
    Busy: 503,
}
_STATUS_OF_CODE: Final = {
    "body-too-large": 413,
    "unsupported-media-type": 415,
    "method-not-allowed": 405,
    "token-missing": 401,
    "token-invalid": 401,
    "proof-invalid": 401,
    "proof-nonce-needed": 401,
    "caller-invalid": 422,
    "shape-invalid": 422,
    "unknown-field": 422,
    "wrong-type": 422,
    "too-long": 422,
    "too-many-items": 422,
    "too-many-entries": 422,
    "nul-character": 422,
    "key-reused-with-other-body": 422,
    "key-twice-in-request": 422,
    "future-date": 422,
    "out-of-scope-armed-forces": 422,
    "person-erased": 422,
    "identifier-invalid": 422,
    "lookup-without-criteria": 422,
    "reason-missing": 422,
    "purpose-missing": 422,
    "purpose-unknown": 422,
    "purpose-reference-invalid": 422,
    "register-kind-unknown": 422,
    "register-in-future": 422,
    "register-reference-invalid": 422,
    "maintenance-without-end": 422,
    "pause-ends-before-it-starts": 422,
    "identity-ambiguous": 409,
    "not-storable": 409,
}
MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:lgsp:laichau:problem:"
# Names come from the caller as well: an unknown member may be called anything, at any length.
_FIELDS_MAX: Final = 20
_FIELD_LENGTH_MAX: Final = 120
# No member of ours is called so. It may be a value that a table or a program put where a name belongs, and answers are
# kept in logs of others (requirement 26).
_MAY_TELL_WHO: Final = re.compile(r"[^\x20-\x7e]|[0-9]{9}")
_UNSAID: Final = "•••"


_CHALLENGES: Final = {
    "proof-invalid": 'DPoP error="invalid_dpop_proof"',
    "proof-nonce-needed": 'DPoP error="use_dpop_nonce"',
}


def language_of(request: Request) -> Language:
    """Vietnamese unless the caller asks for English first."""
    wanted = request.headers.get("accept-language", "")
    return "en" if wanted.strip().lower().startswith("en") else "vi"


def status_of(error: GatewayError) -> int:
    """The HTTP status of a refusal."""
    by_code = _STATUS_OF_CODE.get(error.code)
    return (
        by_code
        if by_code is not None
        else next((status for kind, status in _STATUS_OF_KIND.items() if isinstance(error, kind)), 400)
    )


def problem_body(code: str, status: int, language: Language, fields: tuple[str, ...] = ()) -> dict[str, object]:
    """The members of a problem document; `id` can be quoted to the operators."""
    known = problem(code) if code in PROBLEMS else problem("internal")
    return {
        "type": TYPE_PREFIX + code,
        "title": known.title(language),
        "status": status,
        "code": code,
        "side": known.side,
        "detail": known.remedy(language),
        "fields": [_shown(field) for field in fields[:_FIELDS_MAX]],
        "id": str(uuid.uuid4()),
    }


def _shown(field: str) -> str:
    named = (_UNSAID if _MAY_TELL_WHO.search(part) else part for part in field.split("."))
    return ".".join(named)[:_FIELD_LENGTH_MAX]


def problem_response(request: Request, error: GatewayError) -> Response:
    """The answer to a refused request."""
    status = status_of(error)
    body = problem_body(error.code, status, language_of(request), error.fields)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if status in (429, 503):
        headers["Retry-After"] = str(error.retry_after_s or 2)
    if status == 401:
        headers["WWW-Authenticate"] = _CHALLENGES.get(error.code, 'Bearer realm="lgsp"')
    return Response(orjson.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=headers)
