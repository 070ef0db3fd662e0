"""What propagation takes from an event: who, and that something happened. The record itself is read from the store."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
import structlog

from contracts.events import TYPE_PREFIX
from gateway.stream.port import Received

_log = structlog.get_logger("propagation")
_TWO_PICTURES = frozenset({f"{TYPE_PREFIX}merged", f"{TYPE_PREFIX}split"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One person's newest event of a batch. `doubtful`: the target may hold two pictures of this person, or none."""

    worker_id: str
    sequence: int
    correlation_id: str | None
    doubtful: bool


def newest(batch: Iterable[Received]) -> dict[str, Heard]:
    """One entry per person. A body that cannot be read is named in the log; its key still says whom to look at."""
    heard: dict[str, Heard] = {}
    for received in batch:
        event = _read(received)
        if event is None:
            continue
        known = heard.get(event.worker_id)
        if known is not None:
            last = event if event.sequence >= known.sequence else known
            event = Heard(last.worker_id, last.sequence, last.correlation_id, known.doubtful or event.doubtful)
        heard[event.worker_id] = event
    return heard


def _read(received: Received) -> Heard | None:
    worker_id = as_uuid(received.key)
    if worker_id is None:
        _unreadable(received, "key")
        return None
    try:
        event = orjson.loads(received.body)
        correlation_id = as_uuid(event.get("correlationid"))
        return Heard(worker_id, int(event["sequence"]), correlation_id, event["type"] in _TWO_PICTURES)
    except (ValueError, TypeError, KeyError, AttributeError):
        _unreadable(received, "body")
        return Heard(worker_id, 0, None, False)


def as_uuid(value: object) -> str | None:
    """A UUID in its one spelling, or None."""
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _unreadable(received: Received, part: str) -> None:
    _log.error(
        "propagation.event_unreadable",
        part=part,
        topic=received.topic,
        partition=received.partition,
        offset=received.offset,
    )
