"""How propagation to one target behaves."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.pacing.backoff import Backoff
from gateway.pacing.breaker import BreakerSettings


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """One target's limits; every target has its own."""

    needs_verified_identity: bool = True
    """Send only records whose identity the population database has confirmed."""
    concurrency_max: int = 4
    """Calls under way at once."""
    call_timeout_s: float = 30.0
    lease_s: float = 60.0
    """How long a row belongs to a call; outlasts the call's timeout, so that a live call never loses its row."""
    deliveries_per_s_max: float | None = None
    """Rate limit; None: as fast as the target answers."""
    backoff: Backoff = field(default_factory=Backoff)
    breaker: BreakerSettings = field(default_factory=BreakerSettings)
    retries_at_once_max: int = 2_000
    """Retry budget: beyond it a row that failed waits the longest backoff; retries never crowd out first tries."""
    retries_per_s: float = 20.0
    """How fast the budget refills by itself; each delivery that succeeds refills it too."""
    parked_ratio_max: float = 0.5
    """Above this share of refusals among the last `parked_window` answers the target is paused and people called."""
    parked_window: int = 100
    parked_trial: int = 10
    """After such a pause so few answers decide whether it goes on."""
    parked_pause_s: float = 300.0
    """Twice as long each time in a row, up to an hour."""
    batch_faults_max: int = 5
    """A message on which the adapter itself fails is parked after so many attempts."""
    attempts_max: int = 20
    """A message that gets no answer while others do is parked after so many; an outage of the target does not count."""
    events_per_poll_max: int = 500
    poll_timeout_ms: int = 500
    idle_s_max: float = 0.25
    """Longest sleep between two looks for due rows."""

    def __post_init__(self) -> None:
        if self.lease_s <= self.call_timeout_s:
            raise ValueError("lease_s must outlast call_timeout_s")
        if min(self.concurrency_max, self.events_per_poll_max, self.parked_window, self.parked_trial) < 1:
            raise ValueError("limits start at 1")
