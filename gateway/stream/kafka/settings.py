"""How Kafka is reached, and the limits of what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

SecurityProtocol: TypeAlias = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism: TypeAlias = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """`bootstrap_servers` is `host:port,host:port`; the defaults of the rest fit one broker without passwords."""

    bootstrap_servers: str
    client_id: str = "lgsp"
    group_prefix: str = "lgsp."
    """Stands before each group's name, so that several houses can share a cluster."""
    instance_id: str | None = None
    """Name of this process, the same at every start: it then gets its partitions back without a rebalance."""
    replication: int | None = None
    """Of topics that are made or checked; None: as `contracts/topics.csv` says."""
    request_timeout_s: float = 10.0
    session_timeout_s: float = 10.0
    """A reader that was killed is missed after this long."""
    fetch_wait_s: float = 0.05
    """A fetch waits so long for something new. What comes to a partition that was not asked for, since records of it
    were still in hand, waits for the fetch under way."""
    poll_interval_s_max: float = 300.0
    """A reader that has not polled for this long loses its partitions to others."""
    batch_bytes_max: int = 900_000
    security_protocol: SecurityProtocol = "PLAINTEXT"
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = field(default=None, repr=False)
    sasl_mechanism: SaslMechanism = "SCRAM-SHA-512"
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not (self.request_timeout_s > 0 and self.session_timeout_s > 0 and 0 < self.batch_bytes_max <= 1_000_000):
            raise ValueError("timeouts above 0; 0 < batch_bytes_max <= 1,000,000")
