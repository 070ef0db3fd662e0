"""The second loop: due rows are sent in batches, several at once, as fast as their target answers and no faster."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

import structlog

from contracts.adapter_port import Outcome, Refused, SystemAdapter, TryLater
from gateway.clock import Clock
from gateway.pacing.breaker import Breaker, BreakerState
from gateway.pacing.bucket import Bucket
from gateway.pacing.rest import rest
from gateway.propagation import calls
from gateway.propagation.claims import Claim, Claims
from gateway.propagation.outcomes import Delay, Outcomes
from gateway.propagation.pauses import Pauses
from gateway.propagation.projection import Records
from gateway.propagation.refusals import RefusalWatch
from gateway.propagation.settings import TargetSettings
from gateway.store.engine import Database
from gateway.store.target_states import State

_log = structlog.get_logger("propagation")
_PAUSE_AFTER_FAULT_S = 1.0
_IDLE_S_MIN = 0.005
_ANSWERS_LATELY_S = 60.0
"""A target that answered somebody so lately is there: no answer to one message is then about that message."""
_BUDGET_PER_SUCCESS = 1.5
"""More than one, so that after an outage the first answers open the way for the rest."""


@dataclass(frozen=True, slots=True)
class SenderStatus:
    """What one process's sender is doing."""

    target: str
    breaker: BreakerState
    cause: str | None
    """Why the breaker is open, or what failed last."""
    wait_s: float
    calls_under_way: int
    outcomes: dict[str, int]
    """Rows by the state that calls have brought them to, since the process began."""


class Sender:
    """One target's second loop."""

    def __init__(
        self,
        adapter: SystemAdapter,
        records: Records,
        database: Database,
        clock: Clock,
        settings: TargetSettings,
        pauses: Pauses,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._adapter = adapter
        self._settings = settings
        self._monotonic = monotonic
        self._draw = draw
        self._claims = Claims(adapter, records, database, clock, settings)
        self._outcomes = Outcomes(adapter.name, database, clock, settings)
        self._breaker = Breaker(settings.breaker)
        self._budget = Bucket(size=settings.retries_at_once_max, refill_per_s=settings.retries_per_s)
        rate = settings.deliveries_per_s_max
        self._rate = None if rate is None else Bucket(size=max(rate, 1.0), refill_per_s=rate)
        self._concurrency_max = settings.concurrency_max
        self._pauses = pauses
        self._refusals = RefusalWatch(settings.parked_window, settings.parked_trial, settings.parked_ratio_max)
        self._answered_s: float | None = None
        self._seen: Counter[State] = Counter()
        self._under_way: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def resume(self) -> None:
        """A person says: the target is well again."""
        self._refusals.forget()
        self._breaker.reset()
        self.wake()

    def begin_trial(self) -> None:
        """A pause for refusals has ended: a few deliveries decide whether it was the last."""
        self._refusals.begin_trial()

    def share_with(self, processes: int) -> None:
        """So many processes send to this target, with this one: take our share of its limits, at least one call."""
        self._concurrency_max = max(self._settings.concurrency_max // processes, 1)
        rate = self._settings.deliveries_per_s_max
        if self._rate is not None and rate is not None:
            self._rate.resize(size=max(rate / processes, 1.0), refill_per_s=rate / processes)

    def status(self) -> SenderStatus:
        """For people and metrics."""
        now_s = self._monotonic()
        return SenderStatus(
            target=self._adapter.name,
            breaker=self._breaker.state(now_s),
            cause=self._breaker.cause,
            wait_s=self._breaker.wait_s(now_s),
            calls_under_way=len(self._under_way),
            outcomes={str(state): count for state, count in self._seen.items()},
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; calls under way are then waited for, so that no row is left unknown without need."""
        idle_s = _IDLE_S_MIN
        while not stop.is_set():
            self._wake.clear()
            try:
                busy = await self.step() > 0
            except Exception as error:
                _log.error("propagation.sender_failed", target=self._adapter.name, error=repr(error)[:300])
                await asyncio.sleep(_PAUSE_AFTER_FAULT_S)
                continue
            idle_s = _IDLE_S_MIN if busy else min(idle_s * 2, self._settings.idle_s_max)
            if not busy:
                await rest(self._wake, idle_s)
        await self.finish()

    async def step(self) -> int:
        """Start what may be started now; answers how many waiting rows moved."""
        batches = self._breaker.allows(self._concurrency_max - len(self._under_way), self._monotonic())
        limit = self._limited(batches * self._adapter.batch_size_max)
        if limit <= 0:
            return 0
        taken = await asyncio.to_thread(self._claims.take, limit)
        size = self._adapter.batch_size_max
        for start in range(0, len(taken.to_send), size):
            self._start(self._send, taken.to_send[start : start + size])
        for start in range(0, len(taken.to_read), size):
            self._start(self._read, taken.to_read[start : start + size])
        return taken.moved

    async def finish(self) -> None:
        """Wait for the calls under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def drain(self) -> None:
        """Work until nothing is due that may be sent now. For one-shot runs; `run` is the loop of a live process."""
        while await self.step() or self._under_way:
            await self.finish()

    def _limited(self, rows: int) -> int:
        if (left := self._refusals.left_of_trial()) is not None:
            rows = 0 if self._under_way else min(rows, left)
        return rows if self._rate is None else min(rows, self._rate.available(self._monotonic()))

    def _start(self, call: Callable[[Sequence[Claim]], Coroutine[None, None, None]], claims: Sequence[Claim]) -> None:
        self._breaker.started(self._monotonic())
        if self._rate is not None:
            self._rate.take(len(claims), self._monotonic())
        task = asyncio.create_task(call(claims))
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The rows stay leased; when the lease has run out they are unknown, and read back.
            _log.error("propagation.outcome_not_stored", target=self._adapter.name, error=repr(error)[:300])
        self.wake()

    async def _send(self, claims: Sequence[Claim]) -> None:
        batch = [claim.delivery() for claim in claims]
        outcomes = await calls.deliver(self._adapter, batch, self._settings.call_timeout_s)
        was_on_trial = self._refusals.on_trial
        refused_share = self._judge(outcomes)
        failed = sum(isinstance(outcome, TryLater) for outcome in outcomes)
        states = await asyncio.to_thread(
            self._outcomes.sent, claims, outcomes, self._delays(failed), others_answered=self._answers_others(outcomes)
        )
        self._seen.update(states)
        if refused_share is not None:
            await self._pause(refused_share)
        elif was_on_trial and not self._refusals.on_trial:
            await asyncio.to_thread(self._pauses.passed_trial, self._adapter.name)

    async def _read(self, claims: Sequence[Claim]) -> None:
        people = [self._adapter.person_key(claim.view) for claim in claims]
        held = await calls.read(self._adapter, people, self._settings.call_timeout_s)
        if isinstance(held, TryLater):
            self._breaker.failed(self._monotonic(), held.cause, held.retry_after_s)
            await asyncio.to_thread(self._outcomes.unread, claims, held, self._delays(len(claims)))
            return
        self._breaker.answered()
        await asyncio.to_thread(self._outcomes.read, claims, held)

    def _judge(self, outcomes: Sequence[Outcome]) -> float | None:
        """What a call says of the target as a whole; the share of refusals when it is too high."""
        unanswered = [outcome for outcome in outcomes if isinstance(outcome, TryLater)]
        if len(unanswered) == len(outcomes):
            last = unanswered[-1]
            self._breaker.failed(self._monotonic(), last.cause, last.retry_after_s)
            return None
        self._breaker.answered()
        self._budget.give((len(outcomes) - len(unanswered)) * _BUDGET_PER_SUCCESS)
        return self._refusals.heard(
            isinstance(outcome, Refused) for outcome in outcomes if not isinstance(outcome, TryLater)
        )

    def _answers_others(self, outcomes: Sequence[Outcome]) -> bool:
        """Whether the target answers somebody, in this call or lately."""
        now_s = self._monotonic()
        if not all(isinstance(outcome, TryLater) for outcome in outcomes):
            self._answered_s = now_s
        return self._answered_s is not None and now_s - self._answered_s <= _ANSWERS_LATELY_S

    async def _pause(self, refused_share: float) -> None:
        # A day's deliveries parked one by one would have to be looked at one by one.
        first_s = self._settings.parked_pause_s
        pause = await asyncio.to_thread(self._pauses.too_many_refusals, self._adapter.name, refused_share, first_s)
        if pause is not None:
            told = {"target": pause.target, "cause": pause.cause, "until": pause.ends_at}
            _log.critical("propagation.target_paused", **told, refused_share=round(refused_share, 2))

    def _delays(self, failed: int) -> Delay:
        """How long each of so many failed rows waits; the budget is drawn on here, where only one thread does."""
        quick = min(failed, self._budget.available(self._monotonic()))
        self._budget.take(quick, self._monotonic())
        left = iter(range(quick))
        backoff = self._settings.backoff

        def delay_s(attempts: int, retry_after_s: float | None) -> float:
            longest = next(left, None) is None
            return max(backoff.longest_s if longest else backoff.delay_s(attempts, self._draw), retry_after_s or 0.0)

        return delay_s
