"""The trace stands beside an event as it stands in it."""

from __future__ import annotations

import orjson
import pytest

from gateway.relay.headers import headers_of

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_the_events_trace_is_beside_it() -> None:
    body = orjson.dumps({"id": "1", "traceparent": TRACE, "data": {}})
    assert headers_of(body) == {"content-type": "application/cloudevents+json; charset=UTF-8", "traceparent": TRACE}


@pytest.mark.parametrize(
    "event",
    [
        {"id": "1"},
        {"traceparent": None},
        {"traceparent": "x"},
        {"id": '"traceparent":"' + TRACE + '"'},  # a value, whose quotes are escaped
    ],
)
def test_without_a_trace_there_is_none_beside_it(event: object) -> None:
    assert set(headers_of(orjson.dumps(event))) == {"content-type"}
