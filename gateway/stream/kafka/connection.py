"""What every client of Kafka is told: addresses, timeouts, TLS and passwords."""

from __future__ import annotations

import ssl
from typing import Any, Final

from gateway.stream.kafka.settings import KafkaSettings

RETRY_PAUSE_MS: Final = 200


def client_options(settings: KafkaSettings) -> dict[str, Any]:
    """Arguments common to aiokafka's producer, consumer and admin client. Raises OSError for unreadable TLS files."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": settings.client_id,
        "request_timeout_ms": round(settings.request_timeout_s * 1_000),
        "retry_backoff_ms": RETRY_PAUSE_MS,
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = _ssl_context(settings)
    if settings.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = settings.username
        options["sasl_plain_password"] = settings.password
    return options


def _ssl_context(settings: KafkaSettings) -> ssl.SSLContext:
    """Host names are checked; `ca_file` replaces the machine's own authorities."""
    context = ssl.create_default_context(cafile=settings.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.certificate_file is not None:
        context.load_cert_chain(settings.certificate_file, settings.key_file, settings.key_password)
    return context
