"""What the Kafka library logs during an outage does not drown our own log."""

from __future__ import annotations

import logging

import pytest

from gateway.stream.kafka import library_talk


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr("gateway.stream.kafka.library_talk.time.monotonic", lambda: now[0])
    return now


def test_a_sentence_said_a_thousand_times_is_passed_on_twice_a_minute(
    monotonic: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    talk = library_talk.LibraryTalk()
    for number in range(1_000):
        monotonic[0] += 0.045
        talk.emit(_record("Unable connect to node with id %s", number))
    talk.emit(_record("Another sentence %s", 1))
    lines = [line for line in capsys.readouterr().out.splitlines() if "stream.client_said" in line]
    assert [("Unable connect" in line, "Another sentence" in line) for line in lines] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    assert "withheld_before=0" in lines[0]
    assert "withheld_before=66" in lines[1]


def test_listening_twice_takes_each_sentence_once() -> None:
    library_talk.listen()
    library_talk.listen()
    logger = logging.getLogger("aiokafka")
    assert sum(isinstance(handler, library_talk.LibraryTalk) for handler in logger.handlers) == 1
    assert not logger.propagate


def _record(template: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka.conn", logging.ERROR, __file__, 1, template, values, None)
