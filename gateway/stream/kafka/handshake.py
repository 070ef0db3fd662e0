"""Why a broker cannot be spoken to in TLS. aiokafka says only that a connection broke; here one is opened to look."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final, Literal, TypeAlias

from gateway.stream.kafka.connection import certificates
from gateway.stream.kafka.settings import KafkaSettings

HandshakeFault: TypeAlias = Literal["authority", "host-name", "plain-broker", "our-certificate"]
_REFUSAL_WITHIN_S: Final = 2.0
"""In TLS 1.3 a server refuses our certificate only after the handshake is over on our side."""
_OPENSSL_HOST_NAME: Final = frozenset({62, 64})
"""X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH."""
_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")


async def handshake_fault(settings: KafkaSettings) -> HandshakeFault | None:
    """What of TLS keeps us from the first broker of the settings; None if it is something else. Raises ValueError."""
    if not settings.security_protocol.endswith("SSL"):
        return None
    host, _, port = settings.bootstrap_servers.partition(",")[0].strip().rpartition(":")
    try:
        async with asyncio.timeout(settings.request_timeout_s):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port), ssl=certificates(settings))
    except ssl.SSLCertVerificationError as error:
        return "host-name" if error.verify_code in _OPENSSL_HOST_NAME else "authority"
    except ssl.SSLError as error:
        return "plain-broker" if error.reason in _NO_TLS else "our-certificate"
    except ConnectionResetError:
        return "plain-broker"  # Kafka's clear door hangs up on what it cannot read
    except (OSError, TimeoutError):
        return None
    try:
        async with asyncio.timeout(_REFUSAL_WITHIN_S):
            return "our-certificate" if await reader.read(1) == b"" else None
    except (ssl.SSLError, ConnectionResetError):
        return "our-certificate"
    except TimeoutError:
        return None
    finally:
        writer.transport.abort()
