"""Which stream carries the events: Kafka where it is set, else the database's own tables."""

from __future__ import annotations

from pydantic import SecretStr

from gateway.clock import Clock
from gateway.settings import Settings
from gateway.store.engine import Database
from gateway.store.stream_records import StreamRecords
from gateway.stream.embedded import EmbeddedStream
from gateway.stream.kafka import KafkaSettings, KafkaStream
from gateway.stream.kafka.connection import client_options
from gateway.stream.port import Stream


def build_stream(settings: Settings, database: Database, clock: Clock) -> Stream:
    """Nothing is opened yet, but certificate files are read once. Raises ValueError for those that cannot be used."""
    if settings.uses_kafka:
        said = kafka_settings(settings)
        client_options(said)
        return KafkaStream(said)
    return EmbeddedStream(StreamRecords(database), clock)


def kafka_settings(settings: Settings) -> KafkaSettings:
    """The operator's words in the stream's own."""
    kafka = settings.kafka
    return KafkaSettings(
        bootstrap_servers=kafka.bootstrap_servers,
        client_id=kafka.client_id,
        group_prefix=kafka.group_prefix,
        instance_id=kafka.instance_id,
        replication=kafka.replication,
        request_timeout_s=kafka.request_timeout_s,
        session_timeout_s=kafka.session_timeout_s,
        security_protocol=kafka.security_protocol,
        ca_file=kafka.ca_file,
        certificate_file=kafka.certificate_file,
        key_file=kafka.key_file,
        key_password=_said(kafka.key_password),
        sasl_mechanism=kafka.sasl_mechanism,
        username=kafka.username,
        password=_said(kafka.password),
    )


def _said(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
