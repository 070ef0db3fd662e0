"""The bytes of an event: made once, stored, and published as stored."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final, cast

import orjson

from contracts.canonical import JsonObject
from contracts.events import EVENT_SOURCE, SCHEMA_VERSION, TYPE_PREFIX, EventType
from contracts.worker import GroupName, Groups, Provenance, split_identity
from gateway.security.sealing import DataKey

_SCHEMA: Final = f"urn:lgsp:laichau:schema:worker-changed:{SCHEMA_VERSION}"


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What one event says."""

    event_id: str
    type: EventType
    worker_id: str
    version: int
    recorded_at: str
    groups: Groups
    provenance: dict[GroupName, Provenance]
    changed: tuple[GroupName, ...]
    quality: dict[str, int | None]
    commune: str | None
    correlation_id: str
    causation_id: str | None
    traceparent: str
    origin: tuple[str, bytes] | None


def event_bytes(facts: EventFacts, key: DataKey) -> bytes:
    """CloudEvents structured JSON with the identity sealed under the person's key."""
    opened, identity = split_identity(facts.groups)
    box = key.seal(cast(JsonObject, identity), table="event", row=facts.event_id, fields="identity")
    data: dict[str, object] = {
        "groups": opened,
        "sources": {
            group: {"source": said.source, "as_of": said.as_of, "verified": said.verified_at is not None}
            for group, said in facts.provenance.items()
        },
        "changed": facts.changed,
        "quality": facts.quality,
        "identity": {"key_id": key.key_id, "box": base64.b64encode(box).decode()},
        "commune": facts.commune,
        "origin": {"target": facts.origin[0], "held_hash": facts.origin[1].hex()} if facts.origin else None,
        "survivor": None,
    }
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": facts.event_id,
            "source": EVENT_SOURCE,
            "type": TYPE_PREFIX + facts.type,
            "subject": facts.worker_id,
            "time": facts.recorded_at,
            "datacontenttype": "application/json",
            "dataschema": _SCHEMA,
            "partitionkey": facts.worker_id,
            "sequence": facts.version,
            "recordedtime": facts.recorded_at,
            "correlationid": facts.correlation_id,
            "causationid": facts.causation_id,
            "traceparent": facts.traceparent,
            "data": data,
        }
    )
