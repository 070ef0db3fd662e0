"""A statement of another database as it is kept, sealed, with its entry; and read again when a person releases it."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from contracts.adapter_port import PersonKey
from contracts.canonical import JsonObject
from contracts.entry import Report, Statement
from contracts.worker import Groups, Source
from gateway.store.entries import StoredEntry


def payload_of(statement: Statement) -> JsonObject:
    """Everything said that may identify somebody: the groups, whom they are about, and what the target reports."""
    payload: JsonObject = {"groups": cast(JsonObject, statement.groups)}
    if statement.person is not None:
        payload["person"] = asdict(statement.person)
    if statement.report is not None:
        payload["report"] = asdict(statement.report)
    return payload


def statement_of(stored: StoredEntry, payload: JsonObject) -> Statement:
    """The inverse of `payload_of`, with what stands in clear beside it."""
    person, report = payload.get("person"), payload.get("report")
    return Statement(
        source=cast(Source, stored.source),
        as_of=stored.declared_on,
        groups=cast(Groups, payload["groups"]),
        person=PersonKey(**person) if isinstance(person, dict) else None,  # type: ignore[arg-type]  # written above
        verified=bool(stored.envelope.get("verified")),
        report=Report(**report) if isinstance(report, dict) else None,  # type: ignore[arg-type]  # written above
    )
