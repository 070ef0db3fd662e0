"""UUIDv7 (RFC 9562): 48 bits of milliseconds, then a counter, so that text order is arrival order in one process."""

from __future__ import annotations

import os
import threading
import time
import uuid
from typing import Final

_COUNTER_BITS: Final = 12
_COUNTER_MAX: Final = (1 << _COUNTER_BITS) - 1


class EntryIds:
    """Makes entry and event ids; each is greater than the one before, also within one millisecond."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_ms = 0
        self._counter = 0

    def new(self) -> str:
        """The next id."""
        milliseconds, counter = self._tick()
        tail = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
        number = milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | tail
        text = f"{number:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _tick(self) -> tuple[int, int]:
        with self._lock:
            now_ms = time.time_ns() // 1_000_000
            if now_ms > self._last_ms:
                self._last_ms, self._counter = now_ms, 0
            elif self._counter < _COUNTER_MAX:
                self._counter += 1
            else:
                # More than 4,096 in a millisecond, or the clock went back: borrow from the next millisecond.
                self._last_ms, self._counter = self._last_ms + 1, 0
            return self._last_ms, self._counter


def worker_id() -> str:
    """A random UUIDv4: it tells nothing of the person or of the time."""
    return str(uuid.UUID(bytes=os.urandom(16), version=4))
