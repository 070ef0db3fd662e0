"""How often the same is refused: one row for the first in a minute, one for the rest, so that nobody fills the disk.

Whoever tries a wrong token a thousand times a second would otherwise write a thousand rows a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WINDOW_S: Final = 60.0
KINDS_MAX: Final = 500
"""Different refusals remembered for one window; what is more than these is counted together."""
OTHERS: Final = "others"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who was refused what, and why: `what` is a route of ours or a permission, `why` a problem's code. A caller who
    did not prove who they are has no name: `source` is the address then."""

    actor: str
    source: str | None
    what: str
    why: str


_OTHERS: Final = Refusal(OTHERS, None, OTHERS, OTHERS)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row to be written: so many times since the last one of this kind."""

    refusal: Refusal
    times: int


class Refusals:
    """Counts one window at a time. Not for several threads at once."""

    def __init__(self) -> None:
        self._begun_s = 0.0
        self._seen: dict[Refusal, int] = {}
        self._owed: dict[Refusal, int] = {}

    def note(self, refusal: Refusal, now_s: float) -> list[Refused]:
        """What must be written before the refusal is answered; `now_s` is a clock that only goes forward."""
        rows = self.rest(now_s)
        if not self._seen:
            self._begun_s = now_s
        if refusal not in self._seen and len(self._seen) >= KINDS_MAX:
            refusal = _OTHERS
        if refusal in self._seen:
            self._seen[refusal] += 1
            return rows
        self._seen[refusal] = 0
        return [*rows, Refused(refusal, 1)]

    def rest(self, now_s: float, at_the_end: bool = False) -> list[Refused]:
        """The rest of a window that is over, or (`at_the_end`) of the one that is not; each is told once."""
        told, self._owed = self._owed, {}
        if self._seen and (at_the_end or now_s - self._begun_s >= WINDOW_S):
            for refusal, times in self._seen.items():
                told[refusal] = told.get(refusal, 0) + times
            self._seen = {}
        return [Refused(refusal, times) for refusal, times in told.items() if times]

    def put_back(self, rows: list[Refused]) -> None:
        """Rows that could not be written come first when anything is noted again: until then nobody is answered."""
        for row in rows:
            is_kept = row.refusal in self._owed or len(self._owed) < KINDS_MAX
            refusal = row.refusal if is_kept else _OTHERS
            self._owed[refusal] = self._owed.get(refusal, 0) + row.times
