"""W3C Trace Context, one with our correlation ids: a trace id and a correlation id are the same 16 bytes.

Source: https://www.w3.org/TR/trace-context/ (level 1: `version-traceid-parentid-flags`, all in lower-case hex).
"""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Final

HEADER: Final = "traceparent"
LENGTH: Final = 55
_TRACE: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_VERSION: Final = "00"
_TEXT_LENGTH_MAX: Final = 512
_SPAN_BYTES: Final = 8
_SAMPLED: Final = "01"


def read_traceparent(text: str) -> str | None:
    """A caller's trace in version 00; None for one that is malformed, which the recommendation says to leave out.

    Of a later version the parts that we know are taken; what follows them is not ours to carry on.
    """
    known = text[:LENGTH]
    if not _TRACE.fullmatch(known) or len(text) > _TEXT_LENGTH_MAX:
        return None
    if len(text) > LENGTH and (text.startswith(_VERSION) or text[LENGTH] != "-"):
        return None
    return _VERSION + known[len(_VERSION) :]


def correlation_of(traceparent: str) -> str:
    """The correlation id of everything that belongs to this trace."""
    return str(uuid.UUID(traceparent[3:35]))


def trace_id_of(correlation_id: str) -> str:
    """The other way round: 32 hex digits."""
    return correlation_id.replace("-", "").lower()


def new_traceparent(correlation_id: str) -> str:
    """A span of our own in the trace of this correlation id."""
    return f"{_VERSION}-{trace_id_of(correlation_id)}-{secrets.token_hex(_SPAN_BYTES)}-{_SAMPLED}"


def traceparent_of(correlation_id: str, event_id: str) -> str:
    """The span that is an event: its id ends in 16 hex digits like no other's, which costs nothing to find."""
    return f"{_VERSION}-{trace_id_of(correlation_id)}-{event_id[19:23]}{event_id[24:]}-{_SAMPLED}"
