"""Which ways out of this machine are not encrypted. In production none may be."""

from __future__ import annotations

import ipaddress

from sqlalchemy import make_url

from gateway.settings import Settings
from gateway.wiring.database import database_url


def ways_in_clear(settings: Settings) -> tuple[str, ...]:
    """The variables to set so that what goes to PostgreSQL and Kafka is encrypted to whom it is meant for."""
    found = {
        "LGSP_DATABASE__CA_FILE": _database_is_clear(settings),
        "LGSP_KAFKA__SECURITY_PROTOCOL": _kafka_is_clear(settings),
    }
    return tuple(name for name, is_clear in found.items() if is_clear)


def _database_is_clear(settings: Settings) -> bool:
    url = make_url(database_url(settings))
    if url.get_backend_name() == "sqlite" or url.query.get("sslmode") == "verify-full":
        return False
    said = (url.host or "", url.query.get("host", ""), url.query.get("hostaddr", ""))
    named = [text for one in said for text in ([one] if isinstance(one, str) else one)]
    return not all(_stays_here(host) for text in named for host in text.split(","))


def _kafka_is_clear(settings: Settings) -> bool:
    kafka = settings.kafka
    if not settings.uses_kafka or kafka.security_protocol.endswith("SSL"):
        return False
    return not all(_stays_here(one.strip().rpartition(":")[0]) for one in kafka.bootstrap_servers.split(","))


def _stays_here(host: str) -> bool:
    """Nothing, or a folder: a Unix socket; else a loopback address."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
