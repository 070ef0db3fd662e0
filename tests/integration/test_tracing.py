"""One trace from the door over the stream to every target's call, whoever begins it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.trace import correlation_of, read_traceparent
from gateway.stream.kafka import KafkaSettings, topics
from mock_services.people.world import World
from ops.local.kafka import LocalKafka
from tests.journeys.people import People, employed, entry_of
from tests.journeys.place import SYSTEMS
from tests.journeys.town import Town

PEOPLE = 60
SEED = 17


@pytest.fixture(scope="module", params=["embedded", "kafka"])
def traced(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("traced")
    database = f"sqlite:///{folder / 'lgsp.sqlite3'}"
    if request.param == "embedded":
        with Town(folder, database, people=PEOPLE, seed=SEED) as town:
            yield town
        return
    with LocalKafka(folder / "kafka") as broker:
        asyncio.run(topics.apply(KafkaSettings(broker.bootstrap_servers, replication=1)))
        settings = {"LGSP_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers}
        with Town(folder, database, people=PEOPLE, seed=SEED, settings=settings) as town:
            yield town


@pytest.fixture(scope="module")
def people() -> People:
    return People(World(PEOPLE, SEED))


def _events(town: Town, worker_id: str) -> list[dict[str, Any]]:
    return [one["event"] for one in town.everything("/v1/events") if one["event"]["subject"] == worker_id]


def test_the_callers_trace_reaches_every_target(traced: Town, people: People) -> None:
    trace_id, span_id = uuid.uuid4().hex, "00f067aa0ba902b7"
    person = people.meet(employed)
    answer = traced.submit(entry_of(person), traceparent=f"00-{trace_id}-{span_id}-01")
    worker_id = answer.json()["worker_id"]
    traced.until_settled(worker_id)
    spans = set()
    for system in SYSTEMS:
        calls = traced.writes(system, person.personal_number)
        assert calls, system
        for call in calls:
            # Those that wait for the identity are told by what the check of it brought about: the same trace.
            assert read_traceparent(call["traceparent"]) == call["traceparent"]
            assert call["traceparent"][3:35] == trace_id, (system, call)
            spans.add(call["traceparent"][36:52])
    assert len(spans) == sum(len(traced.writes(system, person.personal_number)) for system in SYSTEMS)
    assert span_id not in spans
    first, *more = _events(traced, worker_id)
    assert first["traceparent"] == f"00-{trace_id}-{span_id}-01"
    assert {one["correlationid"] for one in (first, *more)} == {str(uuid.UUID(trace_id))}


@pytest.mark.parametrize("said", [None, "00-not-a-trace-01"])
def test_without_a_trace_the_entry_begins_one(traced: Town, people: People, said: str | None) -> None:
    person = people.meet(employed)
    headers = {} if said is None else {"traceparent": said}
    receipt = traced.submit(entry_of(person), **headers).json()
    traced.until_settled(receipt["worker_id"])
    for system in SYSTEMS:
        for call in traced.writes(system, person.personal_number):
            assert correlation_of(call["traceparent"]) == receipt["id"]
