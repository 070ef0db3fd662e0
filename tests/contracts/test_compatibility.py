"""A change of what is published that breaks somebody fails here, and says whom."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from contracts.compatibility import breaks
from contracts.publish import documents
from contracts.released import complaints, readers, released

PERSON: dict[str, Any] = {
    "type": "object",
    "$defs": {"Place": {"type": "object", "properties": {"commune": {"type": "string"}}, "required": ["commune"]}},
    "properties": {
        "name": {"type": "string", "maxLength": 50},
        "sex": {"enum": ["1", "2"], "type": "string"},
        "version": {"type": "integer", "minimum": 1},
        "place": {"anyOf": [{"$ref": "#/$defs/Place"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "scores": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "required": ["name", "version"],
    "additionalProperties": False,
}


def changed(path: str, value: object) -> dict[str, Any]:
    """PERSON with one part replaced; None removes it."""
    made = copy.deepcopy(PERSON)
    *way, last = path.split(".")
    part: Any = made
    for step in way:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return made


READERS_ARE_BROKEN_BY = {
    "a member that is gone": ("properties.sex", None),
    "a member that is no longer always there": ("required", ["name"]),
    "another type": ("properties.version", {"type": "string"}),
    "a type that may now be null": ("properties.version", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
    "a value that nobody knows": ("properties.sex.enum", ["1", "2", "3"]),
    "a value that never comes any more": ("properties.sex.enum", ["1"]),
    "a list of values that is given up": ("properties.sex", {"type": "string"}),
    "a longer text": ("properties.name.maxLength", 60),
    "a text without limit": ("properties.name", {"type": "string"}),
    "a lower number": ("properties.version.minimum", 0),
    "another type in a list": ("properties.tags.items", {"type": "integer"}),
    "another type in a map": ("properties.scores.additionalProperties", {"type": "number"}),
    "a change in a part that is referred to": ("$defs.Place.properties.commune", {"type": "integer"}),
    "a part that lost what was always there": ("$defs.Place.required", []),
}
SENDERS_ARE_BROKEN_BY = {
    "a member that is not taken any more": ("properties.sex", None),
    "a member that is demanded": ("required", ["name", "version", "sex"]),
    "another type": ("properties.version", {"type": "string"}),
    "null that is not taken any more": ("properties.place", {"$ref": "#/$defs/Place"}),
    "fewer values": ("properties.sex.enum", ["1"]),
    "a list of values where there was none": ("properties.tags.items", {"enum": ["a"]}),
    "a shorter text": ("properties.name.maxLength", 40),
    "a pattern": ("properties.name.pattern", "^[A-Z]"),
    "a higher lowest number": ("properties.version.minimum", 2),
    "a change in a part that is referred to": ("$defs.Place.properties.commune", {"type": "integer"}),
}
BREAKS_NO_READER = {
    "a new member": ("properties.hobby", {"type": "string"}),
    "a member that is now always there": ("required", ["name", "version", "sex"]),
    "a shorter text": ("properties.name.maxLength", 40),
    "other words about a member": ("properties.name.description", "tên"),
}
BREAKS_NO_SENDER = {
    "a new member": ("properties.hobby", {"type": "string"}),
    "a member that is no longer demanded": ("required", ["name"]),
    "more values": ("properties.sex.enum", ["1", "2", "3"]),
    "a longer text": ("properties.name.maxLength", 60),
    "a number where an integer was": ("properties.version", {"type": "number"}),
    "unknown members": ("additionalProperties", True),
}


@pytest.mark.parametrize("case", READERS_ARE_BROKEN_BY)
def test_readers_are_broken_by(case: str) -> None:
    assert breaks(PERSON, changed(*READERS_ARE_BROKEN_BY[case]), "written") != []


@pytest.mark.parametrize("case", SENDERS_ARE_BROKEN_BY)
def test_senders_are_broken_by(case: str) -> None:
    assert breaks(PERSON, changed(*SENDERS_ARE_BROKEN_BY[case]), "accepted") != []


@pytest.mark.parametrize("case", BREAKS_NO_READER)
def test_readers_can_bear(case: str) -> None:
    assert breaks(PERSON, changed(*BREAKS_NO_READER[case]), "written") == []


@pytest.mark.parametrize("case", BREAKS_NO_SENDER)
def test_senders_can_bear(case: str) -> None:
    assert breaks(PERSON, changed(*BREAKS_NO_SENDER[case]), "accepted") == []


def test_nothing_published_breaks_anybody_since_the_last_release() -> None:
    assert complaints(released(), documents()) == []


@pytest.mark.parametrize("name", released())
def test_every_released_schema_has_readers(name: str) -> None:
    assert name == "asyncapi.json" or name in {reader.document for reader in readers()}


def test_a_complaint_names_who_looks_there_and_nobody_else() -> None:
    new = copy.deepcopy(documents())
    del new["worker-event.schema.json"]["properties"]["sequence"]
    found = complaints(released(), new)
    told = "\n".join(found)
    assert "worker-event.schema.json /sequence" in told
    assert "propagation" in told
    assert "foreign groups" in told
    assert "verification" not in told


def test_a_published_document_that_is_gone_is_told() -> None:
    new = {name: document for name, document in documents().items() if name != "receipt.schema.json"}
    assert [one for one in complaints(released(), new) if one.startswith("receipt.schema.json is gone")] != []


def test_a_topic_that_is_gone_or_repartitioned_is_told() -> None:
    new = copy.deepcopy(documents())
    (channel,) = new["asyncapi.json"]["channels"].values()
    channel["bindings"]["kafka"]["partitions"] = 24
    assert any("partitions from 12 to 24" in one for one in complaints(released(), new))
    channel["address"] = "lgsp.worker.changed.v2"
    assert any("topic lgsp.worker.changed.v1 is gone" in one for one in complaints(released(), new))
