"""What schemathesis holds every answer of ours to, beside its own checks; its process imports this file."""

from __future__ import annotations

import os
from typing import Any, Final

import schemathesis
from schemathesis import Case, CheckContext, Response

WITHOUT_RIGHTS: Final = "FUZZ_WITHOUT_RIGHTS"
"""Environment: set when the identity of this run may do nothing."""
MISSHAPEN: Final = frozenset(
    {"shape-invalid", "wrong-type", "unknown-field", "too-long", "too-many-items", "too-many-entries", "body-not-json"}
)
_NO_DOOR: Final = frozenset({404, 405})
_KEPT_OUT: Final = frozenset({401, 429})
"""429: so many failed before that the next is not even looked at."""

_KEY: Final = "Idempotency-Key"


@schemathesis.check
def understood(_: CheckContext, response: Response, case: Case) -> None:
    """What fits the document is never refused for its shape; only that two keys agree is more than a schema can say."""
    if case.meta is None or not case.meta.generation.mode.is_positive or not _is_problem(response):
        return
    problem = response.json()
    assert problem["code"] not in MISSHAPEN or _KEY in problem["fields"], f"misshapen, says {problem}"


@schemathesis.check
def tells_nothing_of_our_inside(_: CheckContext, response: Response, case: Case) -> None:
    """Requirement 26: no stack, no SQL. Requirement 25: no cache keeps an answer, no browser guesses at its kind."""
    assert response.headers.get("cache-control") == ["no-store"], response.headers
    assert response.headers.get("x-content-type-options") == ["nosniff"], response.headers
    if _is_problem(response):
        text = response.text
        assert not any(sign in text for sign in ("Traceback", ".py", "sqlalchemy", "SELECT ", "psycopg")), text


@schemathesis.check
def keeps_out(_: CheckContext, response: Response, case: Case) -> None:
    """An identity without rights gets nothing but a refusal, whatever it sends (requirements 2 and 40)."""
    if os.environ.get(WITHOUT_RIGHTS) and _secured(case.operation.definition.raw):
        assert response.status_code in _KEPT_OUT | _NO_DOOR, response.status_code


def _is_problem(response: Response) -> bool:
    return any(kind.startswith("application/problem+json") for kind in response.headers.get("content-type", ()))


def _secured(operation: dict[str, Any]) -> bool:
    return operation.get("security") != []
