"""Held statements as JSON, split into what may be stored in clear and what identifies a person."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import orjson

from contracts.canonical import JsonObject
from contracts.worker import GroupName, Values, join_group, split_group
from gateway.golden.held import GroupStatement, HeldStatements, Speaker

IdentityBySpeaker: TypeAlias = dict[str, dict[Speaker, Values]]


def dump(held: HeldStatements) -> tuple[str, JsonObject]:
    """(JSON text without identity, the identifying values to be sealed): group → speaker → statement."""
    opened: dict[str, dict[Speaker, JsonObject]] = {}
    identity: IdentityBySpeaker = {}
    for group, statements in held.items():
        opened[group] = {}
        for speaker, said in statements.items():
            values, secret = split_group(group, said.values)
            opened[group][speaker] = {
                "source": said.source,
                "as_of": said.as_of,
                "replaces": said.replaces,
                "order": said.order,
                "verified_at": said.verified_at,
                "confirmed_at": said.confirmed_at,
                "values": values,
            }
            if secret:
                identity.setdefault(group, {})[speaker] = secret
    return orjson.dumps(opened).decode(), cast(JsonObject, identity)


def load(opened: str, identity: JsonObject) -> HeldStatements:
    """The inverse of `dump`."""
    secrets = cast(IdentityBySpeaker, identity)
    held: HeldStatements = {}
    for group, statements in orjson.loads(opened).items():
        known = secrets.get(group, {})
        held[group] = {speaker: _statement(group, said, known.get(speaker, {})) for speaker, said in statements.items()}
    return held


def _statement(group: GroupName, said: dict[str, Any], secret: Values) -> GroupStatement:
    return GroupStatement(
        source=said["source"],
        as_of=said["as_of"],
        replaces=said["replaces"],
        order=said["order"],
        verified_at=said["verified_at"],
        confirmed_at=said["confirmed_at"],
        values=join_group(group, said["values"], secret),
    )
