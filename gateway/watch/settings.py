"""The watcher's limits."""

from __future__ import annotations

from dataclasses import dataclass

LEASE_NAME = "watch"


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Sizes and times. `grace_s`: what is younger may still be on its way, over a restart of whoever carries it."""

    grace_s: float = 60.0
    lease_duration_s: float = 10.0
    records_per_poll_max: int = 1_000
    pause_s_min: float = 0.5
    rest_share: float = 4.0
    """After a round of work a rest so many times as long: at most a fifth of one core."""
    poll_timeout_ms: int = 50
    unheard_max: int = 5_000
    """Events of which some target was not told yet; above it the watcher looks no further ahead."""
    page_s: float = 2.0
    """How often it looks at a page of people: 330,000 in eleven minutes, at a twentieth of one core."""
    say_s: float = 5.0
    """How often it measures the stages and says how it stands."""

    def __post_init__(self) -> None:
        if not (self.grace_s > 0 and self.lease_duration_s > 0 and self.pause_s_min > 0 and self.rest_share >= 0):
            raise ValueError("grace_s, lease_duration_s, pause_s_min above 0")
