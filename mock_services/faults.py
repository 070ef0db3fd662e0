"""Faults on demand: what goes wrong, for which calls, how often and how long."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from mock_services.calls import ItemFault

FaultKind: TypeAlias = Literal[
    "slow",
    "error_500",
    "quota_429",
    "cut",
    "lost_answer",
    "garbage",
    "html",
    "maintenance",
    "twice",
    "wrong_encoding",
    "refuse_person",
    "busy_person",
]
FAULTS_MAX: Final = 1_000
_ITEM_KINDS: Final[tuple[ItemFault, ...]] = ("refuse_person", "busy_person")


class Fault(BaseModel):
    """One fault. Without `for_requests` and `for_s` it lasts until it is taken away.

    - before any effect: `error_500`, `quota_429`, `maintenance`, `html` (a proxy's page, HTTP 200), `cut` (closed)
    - after the effect: `lost_answer` (connection closed), `garbage` (200, half an answer and rubbish), `wrong_encoding`
    - `slow`: waits `seconds`, then all goes well; `twice`: the effect happens twice, one answer
    - `refuse_person`, `busy_person`: only that person's item in a batch is refused, or told to come later
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    operation: str | None = Field(None, description="only calls of this operation")
    person: str | None = Field(None, description="only calls that concern this personal number")
    for_requests: int | None = Field(None, ge=1, description="ends after so many calls met it")
    for_s: float | None = Field(None, gt=0, description="ends after so many seconds")
    probability: float = Field(1.0, gt=0, le=1)
    seconds: float = Field(2.0, ge=0, le=600, description="how long `slow` waits")
    retry_after_s: int = Field(1, ge=0, description="what `quota_429` and `maintenance` ask for")


@dataclass(slots=True)
class _Active:
    fault: Fault
    ends_at: float | None
    left: int | None

    def over(self, now: float) -> bool:
        return self.left == 0 or (self.ends_at is not None and now >= self.ends_at)

    def concerns(self, operation: str, people: tuple[str, ...]) -> bool:
        fault = self.fault
        return fault.operation in {None, operation} and (fault.person is None or fault.person in people)

    def strikes(self, rng: random.Random) -> bool:
        if self.fault.probability < 1 and rng.random() >= self.fault.probability:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class FaultBook:
    """The faults in force on one system; the first that fits a call strikes."""

    def __init__(self, seed: int = 0) -> None:
        self._active: list[_Active] = []
        self._rng = random.Random(f"faults/{seed}")

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        if len(self._active) >= FAULTS_MAX:
            raise ValueError(f"at most {FAULTS_MAX} faults")
        ends_at = None if fault.for_s is None else time.monotonic() + fault.for_s
        self._active.append(_Active(fault, ends_at, fault.for_requests))

    def clear(self) -> None:
        """All faults end."""
        self._active.clear()

    def draw(self, operation: str, people: tuple[str, ...]) -> Fault | None:
        """The fault that this call meets."""
        for active in self._living():
            whole = active.fault.kind not in _ITEM_KINDS
            if whole and active.concerns(operation, people) and active.strikes(self._rng):
                return active.fault
        return None

    def draw_item(self, operation: str, number: str) -> ItemFault | None:
        """The fault that this person's item meets."""
        for active in self._living():
            kind = active.fault.kind
            fits = kind in _ITEM_KINDS and active.concerns(operation, (number,))
            if fits and active.strikes(self._rng):
                return "refuse_person" if kind == "refuse_person" else "busy_person"
        return None

    def show(self) -> list[dict[str, object]]:
        """The faults in force."""
        return [{**active.fault.model_dump(), "left": active.left} for active in self._living()]

    def _living(self) -> list[_Active]:
        if self._active:
            now = time.monotonic()
            self._active = [active for active in self._active if not active.over(now)]
        return self._active
