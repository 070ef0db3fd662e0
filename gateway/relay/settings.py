"""The relay's limits."""

from __future__ import annotations

from dataclasses import dataclass

LEASE_NAME = "relay"


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """Sizes and times; the defaults fit one machine as well as several."""

    batch_size_max: int = 2_000
    lease_duration_s: float = 4.0
    """How long after a relay's death another may begin (within 5 s, says the promise). Renewed three times as often."""
    pause_s_min: float = 0.005
    pause_s_max: float = 0.25
    looks_at_pause_min: int = 20
    """While events come one by one: a pause that grows at once is what the next of them waits for."""
    rest_s: float = 0.025
    """After a batch: a look costs as much as dozens of events, so those that come meanwhile share the next."""
    held_workers_max: int = 5_000
    """Workers held back at once; above it the whole relay waits, since then the stream is at fault, not a record."""
    retry_s_min: float = 0.25
    retry_s_max: float = 3.0
    """Shorter than the lease, so that an outage of the stream does not pass it from relay to relay."""

    def __post_init__(self) -> None:
        if not (0 < self.batch_size_max <= 10_000 and self.lease_duration_s > 0 and self.held_workers_max > 0):
            raise ValueError("0 < batch_size_max <= 10,000; lease_duration_s and held_workers_max above 0")
        if self.rest_s < 0 or self.looks_at_pause_min < 1:
            raise ValueError("rest_s is not negative; looks_at_pause_min is above 0")
        if not (0 < self.pause_s_min <= self.pause_s_max and 0 < self.retry_s_min <= self.retry_s_max):
            raise ValueError("0 < min <= max for pause_s and retry_s")
