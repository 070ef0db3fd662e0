"""Bringing entries to the gateway over a line that may break: again with the same keys, until the time is up."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contracts.canonical import JsonObject
from gateway.cli.connection import Gateway, Refused, Unreachable

BACKOFF_S_MIN: Final = 0.5
BACKOFF_S_MAX: Final = 30.0
FIRST_ANSWER_S: Final = 20.0
"""Nobody has answered yet: the address may be wrong, and its owner should hear so soon."""

LATER_ANSWERS_S: Final = 600.0
_ABOUT_THE_CALLER: Final = frozenset({401, 403, 404, 405})


class Stopped(Exception):
    """The sender wants to stop; what was not answered is asked again by the next run."""


@dataclass(slots=True)
class Patience:
    """How long to go on without an answer, shared by all requests under way."""

    wait_s: float | None = None
    heard_at: float | None = None
    started_at: float = 0.0

    def heard(self) -> None:
        """An answer came."""
        self.heard_at = time.monotonic()

    def left_s(self) -> float:
        """How long to go on; 0 or less when it is time to give up."""
        since = self.started_at if self.heard_at is None else self.heard_at
        usual = FIRST_ANSWER_S if self.heard_at is None else LATER_ANSWERS_S
        return since + (usual if self.wait_s is None else self.wait_s) - time.monotonic()


class Courier:
    """Delivers chunks, from several threads. Raises Unreachable when patience is over, Refused, or Stopped."""

    def __init__(self, gateway: Gateway, patience: Patience, waits: Callable[[float], None] | None = None) -> None:
        self._gateway = gateway
        self._patience = patience
        self._waits = waits or (lambda _seconds: None)
        self.stop = threading.Event()

    def deliver(self, entries: Sequence[JsonObject]) -> list[dict[str, Any]]:
        """One receipt per entry, in order. A body refused as a whole is halved until the culprit stands alone."""
        try:
            return self._again_and_again(entries)
        except Refused as refused:
            if refused.status in _ABOUT_THE_CALLER:
                raise
            if len(entries) == 1:
                return [{"state": "refused", "problem": dict(refused.problem)}]
        half = len(entries) // 2
        return [*self.deliver(entries[:half]), *self.deliver(entries[half:])]

    def _again_and_again(self, entries: Sequence[JsonObject]) -> list[dict[str, Any]]:
        pause = BACKOFF_S_MIN
        while True:
            if self.stop.is_set():
                raise Stopped
            try:
                receipts = self._once(entries)
            except Refused:
                self._patience.heard()
                raise
            except Unreachable as error:
                left_s = self._patience.left_s()
                if left_s <= 0:
                    raise
                # Spread, so that a hundred communes do not return in the same second.
                spread = pause * random.uniform(0.7, 1.3)  # noqa: S311 - no secret
                self._wait(min(error.retry_after_s or spread, max(left_s, BACKOFF_S_MIN)))
                pause = min(2 * pause, BACKOFF_S_MAX)
            else:
                self._patience.heard()
                return receipts

    def _once(self, entries: Sequence[JsonObject]) -> list[dict[str, Any]]:
        answer = self._gateway.ask("POST", "/v1/entries", body={"entries": list(entries)})
        receipts = answer.get("receipts")
        if not isinstance(receipts, list) or len(receipts) != len(entries):
            raise Unreachable("HTTP 200, receipts")
        return [receipt if isinstance(receipt, dict) else {} for receipt in receipts]

    def _wait(self, seconds: float) -> None:
        self._waits(seconds)
        self.stop.wait(seconds)
