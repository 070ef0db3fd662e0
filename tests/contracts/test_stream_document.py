"""What is published of the stream: CloudEvents names, and an AsyncAPI document that hangs together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from contracts.events import EVENT_TYPES, TYPE_PREFIX
from contracts.publish import documents
from contracts.topics import TOPICS
from contracts.worker import IDENTIFYING
from gateway.relay.headers import headers_of

EVENT = documents()["worker-event.schema.json"]
STREAM = documents()["asyncapi.json"]
ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}")  # CloudEvents 1.0, naming conventions
EXTENSIONS = {"correlationid", "causationid", "partitionkey", "sequence", "traceparent", "recordedtime"}


def test_every_member_of_the_envelope_is_a_cloudevents_attribute() -> None:
    assert [name for name in EVENT["properties"] if not ATTRIBUTE.fullmatch(name)] == []
    assert {"id", "source", "specversion", "type"} | EXTENSIONS <= set(EVENT["required"])


def test_every_type_of_event_is_published() -> None:
    assert set(EVENT["properties"]["type"]["enum"]) == {TYPE_PREFIX + kind for kind in EVENT_TYPES}


def test_the_relay_sends_the_content_type_of_the_structured_mode() -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    (message,) = STREAM["components"]["messages"].values()
    for body in (b"{}", f'{{"traceparent":"{trace}"}}'.encode()):
        headers = headers_of(body)
        assert headers["content-type"].partition(";")[0] == "application/cloudevents+json"
        assert set(headers) <= set(message["headers"]["properties"])
        jsonschema.validate(dict(headers), message["headers"])


def test_nothing_that_identifies_is_a_member_of_the_open_groups() -> None:
    named = set(_property_names(EVENT["$defs"]))
    assert named & {field for fields in IDENTIFYING.values() for field in fields} == set()
    assert "detail" not in EVENT["$defs"]["Area"]["properties"]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_stands_in_the_document_as_in_the_table(topic: Any) -> None:
    (channel,) = [one for one in STREAM["channels"].values() if one["address"] == topic.name]
    kafka = channel["bindings"]["kafka"]
    assert (kafka["partitions"], kafka["replicas"]) == (topic.partitions, topic.replication)
    assert kafka["topicConfiguration"]["cleanup.policy"] == ["delete"]


def test_every_reference_leads_somewhere() -> None:
    for pointer in _references(STREAM):
        part: Any = STREAM
        for step in pointer.removeprefix("#/").split("/"):
            part = part[step]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _property_names(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from part.get("properties", {})
        for value in part.values():
            yield from _property_names(value)
