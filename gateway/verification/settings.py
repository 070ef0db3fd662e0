"""How the population system is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.pacing.backoff import Backoff
from gateway.pacing.breaker import BreakerSettings


@dataclass(frozen=True, slots=True)
class VerificationSettings:
    """Limits of the room."""

    concurrency_max: int = 16
    people_per_step_max: int = 128
    call_timeout_s: float = 30.0
    lease_s: float = 300.0
    """How long a person taken for asking is left alone by others; outlasts the calls of one step."""
    backoff: Backoff = field(default_factory=lambda: Backoff(2.0, 600.0))
    breaker: BreakerSettings = field(default_factory=BreakerSettings)
    alarm_after_days: int = 5
    """After so long without an answer, people are told (the time an authority has to answer by post)."""
    events_per_poll_max: int = 500
    poll_timeout_ms: int = 500
    idle_s_max: float = 0.5

    def __post_init__(self) -> None:
        calls_in_a_row = -(-self.people_per_step_max // self.concurrency_max)
        if self.lease_s <= calls_in_a_row * self.call_timeout_s:
            raise ValueError("lease_s must outlast people_per_step_max / concurrency_max calls in a row")
