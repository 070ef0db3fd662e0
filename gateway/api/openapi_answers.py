"""What the routes answer, as schemas of the OpenAPI document. Members may be added later; those named here stay."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter

from contracts.entry import ENTRIES_PER_REQUEST_MAX
from contracts.forms import FORMS, schema
from gateway.propagation.blocked import Blocked
from gateway.store.sender_reports import SenderReport
from gateway.store.target_letters import DeadLetter
from gateway.store.target_pauses import Pause
from gateway.store.target_rows import TargetStatus
from gateway.store.target_waiting import WaitingPerson

Schema: TypeAlias = dict[str, Any]
_REFERENCE: Final = "#/components/schemas/{model}"
_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "integer"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_NUMBER_OR_NULL: Final[Schema] = {"type": ["integer", "null"]}
_HEX: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]*$"}
_OBJECT: Final[Schema] = {"type": "object"}
_ID: Final[Schema] = {"type": "string", "format": "uuid"}
_ID_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "uuid"}
# Dataclasses that are answered as they stand: their schemas cannot drift from them.
_AS_THEY_STAND: Final = (Blocked, DeadLetter, Pause, TargetStatus, WaitingPerson)


def _reference(name: str) -> Schema:
    return {"$ref": _REFERENCE.format(model=name)}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _members(required: Schema, optional: Schema | None = None) -> Schema:
    return {"type": "object", "required": [*required], "properties": {**required, **(optional or {})}}


def _page(items: Schema, cursor: Schema) -> Schema:
    return _members({"items": _list(items), "next": cursor})


_FINDING: Final = _members(
    {
        "rule": _TEXT,
        "severity": {"enum": ["refuse", "warn", "note"]},
        "fields": _list(_TEXT),
        "message": _TEXT,
        "remedy": _TEXT,
    }
)
_RECEIPT: Final = _members(
    {
        "id": _ID_OR_NULL,
        "state": {"enum": ["accepted", "unchanged", "quarantined", "refused"]},
        "worker_id": _ID_OR_NULL,
        "version": _NUMBER_OR_NULL,
        "findings": _list(_reference("Finding")),
    },
    {"key": _TEXT, "proof": _members({"batch": _ID, "leaf": _NUMBER}), "problem": _reference("Problem")},
)
_SIGNED_RECEIPT: Final = _members(
    {
        "kind": {"const": "lgsp receipt"},
        "version": {"const": 1},
        "statement": _members(
            {"batch": _ID, "leaf": _NUMBER, "sender": _TEXT, "received_at": _TEXT, "content": _HEX},
        ),
        "salt": _HEX,
        "size": _NUMBER,
        "path": _list(_HEX),
        "key_id": _HEX,
        "signature": _HEX,
    }
)
_PROBLEM: Final = _members(
    {
        "type": _TEXT,
        "title": _TEXT,
        "status": _NUMBER,
        "code": _TEXT,
        "side": {"enum": ["caller", "gateway", "other_system"]},
        "detail": _TEXT,
        "fields": _list(_TEXT),
        "id": _TEXT,
    }
)
_ENTRY_STATUS: Final = _members(
    {
        "id": _ID,
        "state": _TEXT,
        "received_at": _TEXT,
        "source": _TEXT,
        "form": _TEXT_OR_NULL,
        "declared_on": _TEXT,
        "commune": _TEXT_OR_NULL,
        "worker_id": _ID_OR_NULL,
        "version": _NUMBER_OR_NULL,
        "replaces": _ID_OR_NULL,
        "findings": _list(_reference("Finding")),
        "decided_at": _TEXT_OR_NULL,
        "decided_by": _TEXT_OR_NULL,
        "decision": {"type": ["object", "null"]},
    },
    {"targets": _list(_reference("TargetOfPerson"))},
)
_WORKER: Final = _members(
    {
        "worker_id": _ID,
        "version": _NUMBER,
        "commune": _TEXT_OR_NULL,
        "changed_at": _TEXT,
        "identity_verified": {"type": "boolean"},
        "groups": _OBJECT,
        "scores": _OBJECT,
        "colours": _OBJECT,
        "targets": _list(_reference("TargetOfPerson")),
    }
)
_FOUND: Final = _members({"worker_id": _ID, "version": _NUMBER, "commune": _TEXT_OR_NULL})
_VERSION: Final = _members({"version": _NUMBER, "type": _TEXT, "recorded_at": _TEXT, "entry_id": _ID_OR_NULL})
_OBSERVATION: Final = _members({"observation_id": _NUMBER, "entry_id": _ID, "source": _TEXT, "groups": _OBJECT})
_READER: Final = _members({"position": _NUMBER, "at": _TEXT, "actor": _TEXT, "action": _TEXT})
_VERIFICATION: Final = _members({"worker_id": _ID, "outcome": _TEXT, "attempts": _NUMBER, "since": _TEXT})
_TARGET: Final = _members(
    {
        "target": _TEXT,
        "state": {"enum": ["open", "paused", "announced", "switched_off"]},
        "pause": {"oneOf": [_reference("Pause"), {"type": "null"}]},
        "people": _OBJECT,
        "senders": _list(_members({name: {} for name in SenderReport.__dataclass_fields__ if name != "wait_ms"})),
    }
)


def components() -> dict[str, Schema]:
    """Every schema that the document's operations refer to, by name."""
    waiting, stand = _reference("WaitingPerson"), {kind.__name__: _schema_of(kind) for kind in _AS_THEY_STAND}
    return {
        "Entry": {"oneOf": [_reference(f"Fields_{form}") for form in FORMS]},
        "Entries": _entries(),
        "Finding": _FINDING,
        "Receipt": _RECEIPT,
        "Receipts": _members({"receipts": _list(_reference("Receipt"))}),
        "ReceiptOrReceipts": {"oneOf": [_reference("Receipt"), _reference("Receipts")]},
        "SignedReceipts": _members({"items": _list(_SIGNED_RECEIPT)}),
        "Problem": _PROBLEM,
        "EntryStatus": _ENTRY_STATUS,
        "Quarantine": _page(_reference("EntryStatus"), _ID_OR_NULL),
        "Decision": _members({"id": _ID, "state": _TEXT}),
        "Worker": _WORKER,
        "Found": _members({"items": _list(_FOUND)}),
        "History": _page(_VERSION, _NUMBER_OR_NULL),
        "Observations": _page(_OBSERVATION, _NUMBER_OR_NULL),
        "TargetOfPerson": _members({name: {} for name in TargetStatus.__dataclass_fields__} | {"pause": {}}),
        "Events": _page(_members({"position": _NUMBER, "event": _OBJECT}), _NUMBER),
        "DeadLetters": _page(_reference("DeadLetter"), _TEXT_OR_NULL),
        "Retried": _members({"worker_id": _ID, "target": _TEXT, "state": _TEXT}),
        "RetriedMany": _members({"retried": _NUMBER}),
        "Verifications": _page(_VERIFICATION, _TEXT_OR_NULL),
        "Asked": _members({"worker_id": _ID, "outcome": _TEXT}),
        "Readers": _page(_READER, _NUMBER_OR_NULL),
        "Targets": _members({"items": _list(_TARGET)}),
        "Resumed": _members({"target": _TEXT, "state": _TEXT}),
        "WhoWaits": _members({"items": _list(_reference("Blocked")), "pending_events": _NUMBER}),
        "Waiting": _page(waiting, _TEXT_OR_NULL),
        "Quality": _members({"as_of": _TEXT, "communes": _list(_OBJECT), "province": _OBJECT}),
        "Rules": _members({"items": _list(_members({"rule": _TEXT, "message": _TEXT, "remedy": _TEXT}))}),
        "Status": _members(dict.fromkeys(("entries", "relay", "targets", "verification"), _OBJECT)),
        "Watch": _members({"watching": {"type": "boolean"}, "stages": _list(_OBJECT), "gaps": _list(_OBJECT)}),
        "AuditHead": _members({"kind": {"const": "head"}, "position": _NUMBER, "hash": _TEXT, "signature": _TEXT}),
        "AuditRows": _page(_members({"kind": {"enum": ["row", "checkpoint"]}}), _NUMBER),
        "PublicKey": _members({"key_id": _TEXT, "pem": _TEXT}),
        "Alive": _members({"state": {"const": "alive"}}),
        "Ready": _members({"state": {"enum": ["ready", "not ready"]}, "checks": _OBJECT}),
        **stand,
        **{f"Fields_{form}": _submitted(schema(form)) for form in FORMS},
    }


def _schema_of(kind: type) -> Schema:
    return TypeAdapter(kind).json_schema(mode="serialization", ref_template=_REFERENCE)


def _entries() -> Schema:
    # An item that is no entry refuses only itself, in its receipt: the list as a whole is well formed all the same.
    item = {"anyOf": [_reference("Entry"), {}]}
    items = {"type": "array", "minItems": 1, "maxItems": ENTRIES_PER_REQUEST_MAX, "items": item}
    return {**_members({"entries": items}), "additionalProperties": False}


def _submitted(document: Schema) -> Schema:
    """An entry's schema as a part of this document, which names its dialect once for all its schemas.

    That a day must be one of the calendar is said here: the published schema cannot say it until its next release.
    """
    members = {
        name: _dated(member) if name.endswith("_on") else member for name, member in document["properties"].items()
    }
    return {**{name: member for name, member in document.items() if name != "$schema"}, "properties": members}


def _dated(member: Schema) -> Schema:
    if "anyOf" in member:
        return {**member, "anyOf": [_dated(one) for one in member["anyOf"]]}
    return {**member, "format": "date"} if member.get("type") == "string" else member
