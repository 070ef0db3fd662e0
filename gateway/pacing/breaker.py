"""The circuit breaker: when a system does not answer, stop asking it for a while, then ask once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

BreakerState: TypeAlias = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """Opens after so many calls in a row without an answer; tries one call after so long."""

    failures_max: int = 5
    open_s: float = 2.0
    open_longest_s: float = 15.0
    """Each probe that fails doubles the pause up to this; healing must be seen within seconds, so it stays short."""

    def __post_init__(self) -> None:
        if self.failures_max < 1 or not 0 < self.open_s <= self.open_longest_s:
            raise ValueError("failures_max >= 1 and 0 < open_s <= open_longest_s")


class Breaker:
    """One system's breaker. Times are seconds of one monotonic clock; not for several threads."""

    def __init__(self, settings: BreakerSettings) -> None:
        self._settings = settings
        self._failures = 0
        self._open_until_s: float | None = None
        self._pause_s = settings.open_s
        self._probing = False
        self._hold_until_s = 0.0
        self.cause: str | None = None

    def state(self, now_s: float) -> BreakerState:
        """What it would say now."""
        if self._open_until_s is None:
            return "open" if now_s < self._hold_until_s else "closed"
        return "open" if now_s < max(self._open_until_s, self._hold_until_s) else "half_open"

    def allows(self, wanted: int, now_s: float) -> int:
        """How many of `wanted` calls may start now: all, one probe, or none."""
        state = self.state(now_s)
        if state == "closed":
            return wanted
        if state == "half_open" and not self._probing:
            return min(wanted, 1)
        return 0

    def wait_s(self, now_s: float) -> float:
        """Seconds until a call may start; 0 when one may start now."""
        until = max(self._open_until_s or 0.0, self._hold_until_s)
        return max(until - now_s, 0.0)

    def started(self, now_s: float) -> None:
        """A call starts; if the breaker is half open it is the probe."""
        if self.state(now_s) == "half_open":
            self._probing = True

    def answered(self) -> None:
        """The system answered, be it with a no: it is there."""
        self._failures = 0
        self._open_until_s = None
        self._pause_s = self._settings.open_s
        self._probing = False
        self.cause = None

    def failed(self, now_s: float, cause: str, retry_after_s: float | None = None) -> None:
        """A call ended without an answer. `retry_after_s`: the system itself says when to come back."""
        self._failures += 1
        self.cause = cause
        if retry_after_s is not None:
            self._hold_until_s = max(self._hold_until_s, now_s + retry_after_s)
        if self._probing:
            self._probing = False
            self._pause_s = min(self._pause_s * 2, self._settings.open_longest_s)
            self._open_until_s = now_s + self._pause_s
        elif self._open_until_s is None and self._failures >= self._settings.failures_max:
            self._open_until_s = now_s + self._pause_s

    def reset(self) -> None:
        """A person says: try again now."""
        self.answered()
        self._hold_until_s = 0.0
