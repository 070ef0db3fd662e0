"""What goes beside an event on the topic: its content type, and its trace, for readers who do not open the body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from contracts.topics import WORKER_CHANGED
from contracts.trace import HEADER, LENGTH

_CONTENT_TYPE: Final = {"content-type": WORKER_CHANGED.content_type}
_MEMBER: Final = b'"traceparent":"'


def headers_of(body: bytes) -> Mapping[str, str]:
    """Found in the bytes, which are ours: to read the whole event would cost the relay ten times as much.

    No value can hold these bytes, since its quotes are escaped; and the member stands before the data.
    """
    at = body.find(_MEMBER)
    if at < 0:
        return _CONTENT_TYPE
    begin = at + len(_MEMBER)
    if body[begin + LENGTH : begin + LENGTH + 1] != b'"':
        return _CONTENT_TYPE
    return {**_CONTENT_TYPE, HEADER: body[begin : begin + LENGTH].decode()}
