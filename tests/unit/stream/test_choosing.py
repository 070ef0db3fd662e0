"""Which stream a house gets, and settings that cannot work, told at the start."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.clock import system_clock
from gateway.settings import Settings
from gateway.store.engine import Database
from gateway.stream.embedded import EmbeddedStream
from gateway.stream.kafka import KafkaStream
from gateway.wiring.streams import build_stream, kafka_settings


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({}, EmbeddedStream),
        ({"LGSP_KAFKA__BOOTSTRAP_SERVERS": "broker:9092"}, KafkaStream),
        ({"LGSP_KAFKA__BOOTSTRAP_SERVERS": "broker:9092", "LGSP_STREAM__KIND": "embedded"}, EmbeddedStream),
        ({"LGSP_KAFKA__BOOTSTRAP_SERVERS": "broker:9092", "LGSP_STREAM__KIND": "kafka"}, KafkaStream),
    ],
)
def test_kafka_carries_where_it_is_set(
    environment: dict[str, str], kind: type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LGSP_KAFKA__BOOTSTRAP_SERVERS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    assert type(build_stream(Settings(), database, system_clock)) is kind


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"LGSP_STREAM__KIND": "kafka"}, "bootstrap_servers is not set"),
        ({"LGSP_KAFKA__SECURITY_PROTOCOL": "SASL_SSL", "LGSP_KAFKA__USERNAME": "lgsp"}, "needs kafka.username and"),
        ({"LGSP_KAFKA__CERTIFICATE_FILE": "ours.pem"}, "belong together"),
    ],
)
def test_settings_that_cannot_work_are_told_at_the_start(
    environment: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LGSP_KAFKA__BOOTSTRAP_SERVERS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=told):
        Settings()


def test_the_password_reaches_the_stream_and_no_print(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SECURITY_PROTOCOL": "SASL_SSL", "USERNAME": "lgsp", "PASSWORD": "mat-khau"}.items():
        monkeypatch.setenv(f"LGSP_KAFKA__{name}", value)
    settings = Settings()
    assert kafka_settings(settings).password == "mat-khau"
    assert "mat-khau" not in repr(settings)
    assert "mat-khau" not in repr(kafka_settings(settings))
