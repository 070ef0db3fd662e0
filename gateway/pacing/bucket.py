"""A token bucket: so many at once, so many a second."""

from __future__ import annotations


class Bucket:
    """Times are seconds of one monotonic clock; not for several threads."""

    def __init__(self, *, size: float, refill_per_s: float) -> None:
        self._size = size
        self._refill_per_s = refill_per_s
        self._tokens = size
        self._at_s: float | None = None

    def available(self, now_s: float) -> int:
        """Whole tokens there now."""
        if self._at_s is not None and now_s > self._at_s:
            self._tokens = min(self._size, self._tokens + (now_s - self._at_s) * self._refill_per_s)
        self._at_s = now_s
        return int(self._tokens)

    def take(self, count: int, now_s: float) -> bool:
        """Take `count` tokens, or none of them."""
        if self.available(now_s) < count:
            return False
        self._tokens -= count
        return True

    def give(self, count: float) -> None:
        """Put tokens back, up to the size."""
        self._tokens = min(self._size, self._tokens + count)

    def resize(self, *, size: float, refill_per_s: float) -> None:
        """Another size and pace from now on; what is in it stays, as far as it fits."""
        self._size = size
        self._refill_per_s = refill_per_s
        self._tokens = min(self._tokens, size)
