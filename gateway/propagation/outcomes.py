"""What became of calls, stored: one transaction per call, and only under the lease that the call was made with."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from contracts.adapter_port import AdapterError, Outcome, Refused, TryLater, View
from contracts.canonical import JsonObject
from contracts.causes import class_of
from gateway.clock import Clock, instant
from gateway.propagation.calls import ADAPTER_FAULT
from gateway.propagation.claims import Claim
from gateway.propagation.settings import TargetSettings
from gateway.store import target_rows
from gateway.store.engine import Database
from gateway.store.target_states import (
    Applied,
    State,
    TargetRow,
    delivered,
    postponed,
    read_back,
    refused,
    unread,
)

_CAUSE_LENGTH_MAX = 64
_ATTEMPTS_OF_AN_OUTAGE_MAX = 8
"""By then the wait between attempts has grown to its longest."""
_NEVER_HOPELESS = frozenset({"limit", "right"})
"""It is not the message that is asked to wait, or that lacks a right."""
Delay = Callable[[int, float | None], float]
"""(attempts so far, what the target asked for) -> seconds until the next try."""


class Outcomes:
    """Blocks on the store: call from a worker thread."""

    def __init__(self, target: str, database: Database, clock: Clock, settings: TargetSettings) -> None:
        self._target = target
        self._database = database
        self._clock = clock
        self._settings = settings

    def sent(
        self, claims: Sequence[Claim], outcomes: Sequence[Outcome], delay_s: Delay, *, others_answered: bool
    ) -> Counter[State]:
        """Store one outcome per claim; answers how many rows are now in which state.

        `others_answered`: the target answers others, so a message that gets no answer is itself to blame.
        """
        by_worker = {claim.worker_id: (claim, outcome) for claim, outcome in zip(claims, outcomes, strict=True)}
        applied = {
            claim.worker_id: claim.projected.applied(self._target, claim.view, claim.version)
            for claim, outcome in by_worker.values()
            if not isinstance(outcome, AdapterError)
        }
        now = self._clock()

        def step(row: TargetRow) -> TargetRow | None:
            claim, outcome = by_worker[row.worker_id]
            if not isinstance(outcome, AdapterError):
                return delivered(row, claim.epoch, applied[row.worker_id], instant(now))
            return self._failed(row, claim, outcome, now, delay_s, others_answered=others_answered)

        return self._change(list(by_worker), step)

    def read(self, claims: Sequence[Claim], held: Sequence[View | None]) -> Counter[State]:
        """Store what the target was found to hold."""
        found: Mapping[str, tuple[int, Applied]] = {
            claim.worker_id: (claim.epoch, claim.projected.applied(self._target, view, claim.version))
            for claim, view in zip(claims, held, strict=True)
        }
        at = instant(self._clock())
        return self._change(list(found), lambda row: read_back(row, *found[row.worker_id], at))

    def unread(self, claims: Sequence[Claim], error: TryLater, delay_s: Delay) -> Counter[State]:
        """Reading got no answer."""
        epochs = {claim.worker_id: claim.epoch for claim in claims}
        now = self._clock()

        def step(row: TargetRow) -> TargetRow | None:
            later = _after(now, delay_s(row.attempts + 1, error.retry_after_s))
            return unread(row, epochs[row.worker_id], error.cause[:_CAUSE_LENGTH_MAX], later)

        return self._change(list(epochs), step)

    def _failed(
        self,
        row: TargetRow,
        claim: Claim,
        error: TryLater | Refused,
        now: dt.datetime,
        delay_s: Delay,
        *,
        others_answered: bool,
    ) -> TargetRow | None:
        cause = error.cause[:_CAUSE_LENGTH_MAX]
        attempts = row.attempts + 1
        if isinstance(error, Refused) or self._is_hopeless(error.cause, attempts, others_answered=others_answered):
            return refused(row, claim.epoch, claim.hash, cause, self._answer(claim, error), instant(now))
        if not others_answered:
            # An outage, however long, must not use up a message's own attempts.
            attempts = max(row.attempts, min(attempts, _ATTEMPTS_OF_AN_OUTAGE_MAX))
        later = _after(now, delay_s(attempts, error.retry_after_s))
        return postponed(row, claim.epoch, cause, instant(now), later, attempts)

    def _is_hopeless(self, cause: str, attempts: int, *, others_answered: bool) -> bool:
        """Whether this message is parked: nobody waits behind it, and somebody should see it."""
        if cause == ADAPTER_FAULT:
            return attempts >= self._settings.batch_faults_max
        if class_of(cause) in _NEVER_HOPELESS:
            return False
        return others_answered and attempts >= self._settings.attempts_max

    def _answer(self, claim: Claim, error: AdapterError) -> bytes:
        # What a target says of a message may quote it, so it is sealed like the message.
        assert claim.projected.key is not None
        row = f"{claim.worker_id}/{self._target}"
        said: JsonObject = {"cause": error.cause, "detail": error.detail}
        return claim.projected.key.seal(said, table="target_states", row=row, fields="answer")

    def _change(self, worker_ids: list[str], step: Callable[[TargetRow], TargetRow | None]) -> Counter[State]:
        with self._database.write() as connection:
            rows = target_rows.change(connection, self._target, worker_ids, step)
        return Counter(row.state for row in rows)


def _after(now: dt.datetime, delay_s: float) -> str:
    return instant(now + dt.timedelta(seconds=delay_s))
