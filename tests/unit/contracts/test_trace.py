"""Traces as W3C says them, and correlation ids as the same sixteen bytes."""

from __future__ import annotations

import uuid

import pytest

from contracts.trace import correlation_of, new_traceparent, read_traceparent, traceparent_of

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (TRACE, TRACE),
        (TRACE[:-2] + "00", TRACE[:-2] + "00"),
        ("cc" + TRACE[2:], TRACE),
        ("cc" + TRACE[2:] + "-what-comes-later", TRACE),
        ("cc" + TRACE[2:] + ".what-comes-later", None),
        (TRACE + "-00", None),
        ("ff" + TRACE[2:], None),
        (TRACE.upper(), None),
        (TRACE.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32), None),
        (TRACE.replace("00f067aa0ba902b7", "0" * 16), None),
        (TRACE[:-1], None),
        (f" {TRACE}", None),
        ("", None),
        ("cc" + TRACE[2:] + "-" + "a" * 8_000, None),
    ],
)
def test_a_callers_trace_is_taken_or_left_out(said: str, taken: str | None) -> None:
    assert read_traceparent(said) == taken


def test_a_traces_id_is_the_correlation_id() -> None:
    assert correlation_of(TRACE) == "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"


def test_a_new_span_stays_in_its_trace_and_is_like_no_other() -> None:
    correlation_id = str(uuid.uuid4())
    spans = {new_traceparent(correlation_id) for _ in range(50)}
    assert len(spans) == 50
    for one in spans:
        assert read_traceparent(one) == one
        assert correlation_of(one) == correlation_id


def test_an_event_is_a_span_of_its_trace() -> None:
    correlation_id, event_id = str(uuid.uuid4()), "01a2094d-b10e-7002-9130-95f82a946a2b"
    made = traceparent_of(correlation_id, event_id)
    assert read_traceparent(made) == made
    assert (correlation_of(made), made[36:52]) == (correlation_id, "913095f82a946a2b")
