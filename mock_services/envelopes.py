"""The platform's own faults in JSON."""

from __future__ import annotations

import orjson

from mock_services.calls import JSON, Answer


def gateway_fault(status: int, code: int, message: str, retry_after_s: int | None) -> Answer:
    """What the platform answers in place of a system."""
    headers = () if retry_after_s is None else (("retry-after", str(retry_after_s)),)
    body = {"fault": {"code": code, "message": message, "description": message}}
    return Answer(status, JSON, orjson.dumps(body), str(code), headers)
