"""What intake has answered since the process began, for those who watch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from threading import Lock
from typing import Final

from contracts.entry import Receipt
from gateway.observability.counting import Distribution, Tally

_ROWS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_STATES: Final = ("accepted", "unchanged", "quarantined", "refused")


class IntakeTally:
    """Counted once per slice, by whichever writer had it; the lock is held for a few microseconds."""

    def __init__(self) -> None:
        self.receipts = Tally(*((state,) for state in _STATES))
        self.rows = Distribution(_ROWS)
        self._lock = Lock()

    def count(self, answered: Sequence[Receipt]) -> None:
        """One slice's receipts."""
        states = Counter(receipt.state for receipt in answered)
        with self._lock:
            self.rows.add(len(answered))
            for state, number in states.items():
                self.receipts.add((state,), number)
