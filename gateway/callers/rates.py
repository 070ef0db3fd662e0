"""How much a caller may ask in a while: a bucket per caller, of the size that its tier has, in each process.

Headers are those of draft-ietf-httpapi-ratelimit-headers: a policy, and what is left of it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.errors import TooMuch
from gateway.pacing.bucket import Bucket
from gateway.permissions import TIERS, Caller

_CALLERS_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after this request: `remaining` requests at once, all of them again after `full_in_s`."""

    tier: str
    burst: int
    window_s: int
    remaining: int
    full_in_s: int

    def headers(self) -> dict[str, str]:
        """For the answer."""
        return {
            "RateLimit-Policy": f'"{self.tier}";q={self.burst};w={self.window_s}',
            "RateLimit": f'"{self.tier}";r={self.remaining};t={self.full_in_s}',
        }


class Rates:
    """Not for several threads: the door asks it in its event loop."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, caller: Caller) -> Allowance | None:
        """Count one request; None for a caller without a limit. Raises TooMuch(rate-exceeded)."""
        tier = TIERS[caller.tier]
        if not tier.requests_per_s:
            return None
        key, now_s = (caller.name, caller.tier), self._monotonic()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= _CALLERS_MAX:
                self._buckets.clear()
            bucket = self._buckets[key] = Bucket(size=tier.burst, refill_per_s=tier.requests_per_s)
        if not bucket.take(1, now_s):
            raise TooMuch("rate-exceeded", (caller.tier, f"{tier.requests_per_s}/s"), retry_after_s=1)
        remaining = bucket.available(now_s)
        window_s = math.ceil(tier.burst / tier.requests_per_s)
        return Allowance(
            caller.tier, tier.burst, window_s, remaining, math.ceil((tier.burst - remaining) / tier.requests_per_s)
        )
