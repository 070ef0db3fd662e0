"""Failed attempts to be somebody, by the address that they come from: too many in a while are told to come later.

Whoever proves who he is goes on from the same address: many offices share one. Where proving costs us more than
refusing (the token endpoints), attempts are counted by address and by the name that is claimed, so that who floods one
name keeps no other out. Names fall into slots by their hash, known or not: answers tell nobody which there are.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from gateway.errors import TooMuch
from gateway.pacing.bucket import Bucket

FAILURES_MAX: Final = 600
FAILURES_PER_S: Final = 10
_SLOTS: Final = 64
_ADDRESSES_MAX: Final = 10_000
_RETRY_AFTER_S: Final = 5


class Attempts:
    """Not for several threads: the door asks it in its event loop."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._buckets: OrderedDict[tuple[str, int], Bucket] = OrderedDict()

    def check(self, address: str | None, name: str) -> None:
        """Before what is costly. Raises TooMuch(too-many-attempts) when too many under such a name failed."""
        if not self._bucket(address, _slot(name)).available(self._monotonic()):
            raise TooMuch("too-many-attempts", retry_after_s=_RETRY_AFTER_S)

    def failed(self, address: str | None, name: str | None = None) -> None:
        """One more. Raises TooMuch(too-many-attempts) when there were too many already."""
        bucket = self._bucket(address, -1 if name is None else _slot(name))
        if not bucket.take(1, self._monotonic()):
            raise TooMuch("too-many-attempts", retry_after_s=_RETRY_AFTER_S)

    def _bucket(self, address: str | None, slot: int) -> Bucket:
        key = (address or "", slot)
        bucket = self._buckets.pop(key, None) or Bucket(size=FAILURES_MAX, refill_per_s=FAILURES_PER_S)
        self._buckets[key] = bucket
        if len(self._buckets) > _ADDRESSES_MAX:
            self._buckets.popitem(last=False)
        return bucket


def _slot(name: str) -> int:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[0] % _SLOTS
