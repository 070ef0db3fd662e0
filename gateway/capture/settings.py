"""How a change feed is heard."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.pacing.breaker import BreakerSettings


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """Limits of one feed."""

    poll_interval_s: float = 5.0
    changes_per_page_max: int = 500
    statements_per_call_max: int = 256
    call_timeout_s: float = 30.0
    breaker: BreakerSettings = field(default_factory=lambda: BreakerSettings(failures_max=1))
    writes_kept_days: int = 14
    """The feed's window: after so long no report of a call of ours can come any more."""
    heard_kept_days: int = 60
    """How long a change is known as heard; longer than any overlap of the feed's windows."""
    purge_interval_s: float = 3600.0

    def __post_init__(self) -> None:
        if self.changes_per_page_max < 1 or self.statements_per_call_max < 1:
            raise ValueError("limits start at 1")
