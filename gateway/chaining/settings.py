"""The limits of chaining."""

from __future__ import annotations

from dataclasses import dataclass

LEASE_NAME = "audit_chain"


@dataclass(frozen=True, slots=True)
class ChainingSettings:
    """Times; a row has its place within a second, and a signature over it within a minute."""

    pause_s: float = 0.25
    """Between two looks. Rows that are written meanwhile share a transaction."""
    checkpoint_s: float = 30.0
    """At the latest after so long a signature covers what was chained; promised are 60 s."""
    lease_duration_s: float = 4.0
    """How long after this process's death another may begin."""

    def __post_init__(self) -> None:
        if min(self.pause_s, self.checkpoint_s, self.lease_duration_s) <= 0:
            raise ValueError("pause_s, checkpoint_s and lease_duration_s are above 0")
