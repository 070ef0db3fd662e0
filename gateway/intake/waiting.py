"""Who waits for a commit, and how long that will take: more than can be stored in time is refused at once.

Under more load than the store takes, a queue only makes everybody wait; a refusal that costs next to nothing leaves
the machine to those who were let in.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from gateway.errors import Busy

ENTRIES_MAX: Final = 4_096
WAIT_S_MAX: Final = 3.0
STALLED_AFTER_S: Final = 10.0
"""Nothing was stored for so long although somebody waits: the store is stuck, and nobody else should wait for it."""

_S_PER_ENTRY_AT_FIRST: Final = 0.002
_TELLING_SLICE: Final = 32
"""A smaller slice is mostly its own fixed cost, and says little about how fast a queue goes down."""

_WEIGHT: Final = 0.3
_RETRY_AFTER_S_MAX: Final = 30


class Waiting:
    """Entries between a door and their commit. Counted in the event loop; `stored` is told by the writers' threads."""

    def __init__(
        self,
        wait_s_max: float = WAIT_S_MAX,
        slice_size_max: int = 256,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`slice_size_max`: as many as one commit takes are never too many."""
        self._wait_s_max = wait_s_max
        self._slice_size_max = slice_size_max
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._s_per_entry = _S_PER_ENTRY_AT_FIRST
        self._stored_s = monotonic()
        self._entries = 0

    @property
    def entries(self) -> int:
        """How many wait now."""
        return self._entries

    def check(self) -> None:
        """Raises Busy(busy) when another one would wait too long: nothing of it is stored, nor was it read."""
        if not self._entries:
            return
        wait_s = self._entries * self._s_per_entry
        if self._entries >= ENTRIES_MAX or (self._entries > self._slice_size_max and wait_s > self._wait_s_max):
            raise Busy("busy", retry_after_s=min(_RETRY_AFTER_S_MAX, math.ceil(wait_s)))
        if self._monotonic() - self._stored_s > STALLED_AFTER_S:
            raise Busy("busy", retry_after_s=_RETRY_AFTER_S_MAX)

    def enter(self, entries: int = 1) -> None:
        """They wait from now on."""
        if not self._entries:
            # What passed before anybody waited is no standstill.
            self._stored_s = self._monotonic()
        self._entries += entries

    def leave(self, entries: int = 1) -> None:
        """They are answered, one way or the other."""
        self._entries -= entries

    def stored(self, entries: int, begun_s: float) -> None:
        """A slice went through that was begun at this instant (of `time.monotonic`)."""
        with self._lock:
            now_s = self._monotonic()
            # Writers overlap: what counts is how often one of them is done.
            took_s = now_s - max(begun_s, self._stored_s)
            self._stored_s = now_s
            if entries >= _TELLING_SLICE:
                self._s_per_entry += _WEIGHT * (took_s / entries - self._s_per_entry)
