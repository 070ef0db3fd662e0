"""What every client of Kafka is told: addresses, timeouts, TLS and passwords."""

from __future__ import annotations

import ssl
from typing import Any, Final

from gateway.stream.kafka.settings import KafkaSettings

RETRY_PAUSE_MS: Final = 200


def client_options(settings: KafkaSettings) -> dict[str, Any]:
    """Arguments common to aiokafka's producer, consumer and admin client. Raises ValueError as `certificates` does."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap_servers,
        "client_id": settings.client_id,
        "request_timeout_ms": round(settings.request_timeout_s * 1_000),
        "retry_backoff_ms": RETRY_PAUSE_MS,
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = certificates(settings)
    if settings.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = settings.username
        options["sasl_plain_password"] = settings.password
    return options


def certificates(settings: KafkaSettings) -> ssl.SSLContext:
    """Host names are checked; `ca_file` replaces the machine's own authorities. Raises ValueError for unfit files."""
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.certificate_file is not None:
            # Without a password given, none is asked for at the terminal either.
            context.load_cert_chain(settings.certificate_file, settings.key_file, settings.key_password or "")
    except OSError as error:
        files = ", ".join(str(one) for one in (settings.ca_file, settings.certificate_file, settings.key_file) if one)
        raise ValueError(f"kafka certificates ({files}): {error.strerror or error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
