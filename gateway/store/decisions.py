"""What a person decided of an entry in doubt, and why.

The reason is free text, in which people name people: it is sealed under the key of whoever the entry is about, and ends
with it.
"""

from __future__ import annotations

import base64
from typing import Literal, cast

import orjson

from contracts.canonical import JsonObject
from gateway.security.sealing import CannotOpen, DataKey


def decision_to_json(decision: Literal["released", "rejected"], reason: str, entry_id: str, key: DataKey) -> str:
    """As it is stored with the entry."""
    box = key.seal(reason, table="entries", row=entry_id, fields="decision")
    told = {"decision": decision, "key_id": key.key_id, "sealed": base64.b64encode(box).decode()}
    return orjson.dumps(told).decode()


def key_of_decision(stored: JsonObject) -> str | None:
    """The key under which the reason was sealed; None where it is a word of ours."""
    return cast("str | None", stored.get("key_id"))


def opened_decision(stored: JsonObject, entry_id: str, key: DataKey | None) -> JsonObject:
    """The decision and its reason, without the reason once its key is gone."""
    if key_of_decision(stored) is None:
        return stored
    told: JsonObject = {"decision": stored["decision"]}
    if key is None:
        return told
    try:
        box = base64.b64decode(str(stored["sealed"]))
        return {**told, "reason": key.open(box, table="entries", row=entry_id, fields="decision")}
    except CannotOpen:
        return told
