"""The trace goes on with the call: whoever looks at the other side's log finds the same id as here."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from contracts.adapter_port import Delivery
from contracts.trace import HEADER, new_traceparent


def request_id(batch: Sequence[Delivery]) -> str:
    """The id under which a call is made: the correlation id of the first person in it."""
    return batch[0].correlation_id or str(uuid.uuid4())


def trace_headers(correlation_id: str) -> Mapping[str, str]:
    """A span of its own for each call."""
    return {HEADER: new_traceparent(correlation_id)}
