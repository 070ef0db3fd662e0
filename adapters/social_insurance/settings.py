"""How the social-insurance services are called."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.lgsp.settings import CallLimits

BATCH_SIZE_MAX = 100
PAGE_SIZE_MAX = 500


@dataclass(frozen=True, slots=True)
class SocialInsuranceSettings:
    """Address and sizes; the system itself takes at most 100 people a call and gives at most 500 changes."""

    base_url: str
    batch_size: int = BATCH_SIZE_MAX
    limits: CallLimits = field(default_factory=CallLimits)

    def __post_init__(self) -> None:
        if not 1 <= self.batch_size <= BATCH_SIZE_MAX:
            raise ValueError(f"batch_size is 1 to {BATCH_SIZE_MAX}")
