"""The second loop: the population system is asked, several people at once; a yes becomes an entry from that source."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from contracts.adapter_port import IdentityAnswer, IdentityClaim, IdentityVerifier
from contracts.entry import Receipt, Statement
from gateway.clock import Clock, civil_date, instant
from gateway.pacing.breaker import Breaker, BreakerState
from gateway.store import correlations, verifications
from gateway.store.engine import Database
from gateway.store.verifications import Verification
from gateway.verification import steps
from gateway.verification.claims import Identity, Opened, Records, groups_of, hash_after, identity_of
from gateway.verification.settings import VerificationSettings

Receive: TypeAlias = Callable[[Sequence[Statement]], Awaitable[list[Receipt]]]

_PAUSE_AFTER_FAULT_S = 1.0
_STEPS_AT_ONCE = 2
"""While one step's answers are being stored, the next one's questions are on their way."""
_log = structlog.get_logger("verification")


@dataclass(frozen=True, slots=True)
class Question:
    """One person to ask for."""

    opened: Opened
    identity: Identity
    claim: IdentityClaim

    @property
    def worker_id(self) -> str:
        """Whose claim it is."""
        return self.identity.worker_id


class Asking:
    """Asks, and stores what was answered. Its outage, or the population system's, holds up nothing else."""

    def __init__(
        self,
        verifier: IdentityVerifier,
        receive: Receive,
        records: Records,
        database: Database,
        clock: Clock,
        settings: VerificationSettings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._verifier = verifier
        self._receive = receive
        self._records = records
        self._database = database
        self._clock = clock
        self._settings = settings
        self._monotonic = monotonic
        self._draw = draw
        self._breaker = Breaker(settings.breaker)
        self._slots = asyncio.Semaphore(settings.concurrency_max)
        self._wake_up = asyncio.Event()

    def wake(self) -> None:
        """There may be somebody to ask for; call on the event loop."""
        self._wake_up.set()

    def breaker_state(self) -> BreakerState:
        """For people and metrics."""
        return self._breaker.state(self._monotonic())

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        await self._until_done(stop, self._resume_once)
        await asyncio.gather(*(self._until_done(stop, self._step_for_ever) for _ in range(_STEPS_AT_ONCE)))

    async def _resume_once(self) -> bool:
        await asyncio.to_thread(self._resume)
        return True

    async def _step_for_ever(self) -> bool:
        self._wake_up.clear()
        if not await self.step():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.idle_s_max):
                    await self._wake_up.wait()
        return False

    async def _until_done(self, stop: asyncio.Event, work: Callable[[], Awaitable[bool]]) -> None:
        """Repeat until the work says that it is done. A fault of the store is waited out."""
        while not stop.is_set():
            try:
                if await work():
                    return
            except Exception as error:
                _log.error("verification.asking_failed", error=repr(error)[:300])
                await asyncio.sleep(_PAUSE_AFTER_FAULT_S)

    async def step(self) -> int:
        """Ask for those who are due; answers how many were asked for."""
        limit = self._breaker.allows(self._settings.people_per_step_max, self._monotonic())
        if limit == 0:
            return 0
        questions = await asyncio.to_thread(self._take, limit)
        if not questions:
            return 0
        answers = await asyncio.gather(*(self._ask(question.claim) for question in questions))
        try:
            receipts = await self._state(questions, answers)
        except Exception as error:
            # Intake is busy: those who were confirmed are asked for again, under the same key.
            _log.error("verification.entry_not_taken", error=repr(error)[:300])
            answers = [None if answer is None or answer.outcome == "verified" else answer for answer in answers]
            receipts = {}
        await asyncio.to_thread(self._store, questions, answers, receipts)
        return sum(answer is not None for answer in answers)

    def _resume(self) -> None:
        # Whoever was taken when the last process died would wait for the end of a long lease. Another process that is
        # asking for them right now loses nothing: a question changes nothing, and its answer has a key.
        with self._database.write() as connection:
            released = verifications.release(connection, instant(self._clock()))
        if released:
            _log.info("verification.resumed", people=released)

    def _take(self, limit: int) -> list[Question]:
        now = self._clock()
        at, until = instant(now), instant(now + dt.timedelta(seconds=self._settings.lease_s))
        with self._database.read() as connection:
            worker_ids = verifications.due(connection, at, limit)
        if not worker_ids:
            return []
        opened = self._records.read(worker_ids)
        identities = {worker_id: identity_of(one) for worker_id, one in opened.items()}
        with self._database.write() as connection:
            rows = verifications.lock(connection, worker_ids, skip_locked=True)
            moved = [steps.taken(row, identities.get(row.worker_id), at, until) for row in rows.values()]
            leased = [row for row in moved if row is not None]
            verifications.write(connection, leased)
        return [
            Question(opened[row.worker_id], identity, identity.claim)
            for row in leased
            if row.next_at == until and (identity := identities[row.worker_id]).claim is not None
        ]

    async def _ask(self, claim: IdentityClaim) -> IdentityAnswer | None:
        """The answer, or None when the breaker has opened meanwhile and nothing was asked."""
        async with self._slots:
            if not self._breaker.allows(1, self._monotonic()):
                return None
            self._breaker.started(self._monotonic())
            answer = await self._call(claim)
        if answer.outcome == "no_answer":
            self._breaker.failed(self._monotonic(), answer.cause)
        else:
            self._breaker.answered()
        return answer

    async def _call(self, claim: IdentityClaim) -> IdentityAnswer:
        try:
            async with asyncio.timeout(self._settings.call_timeout_s):
                return await self._verifier.verify(claim)
        except TimeoutError:
            return IdentityAnswer("no_answer", cause="timeout")
        except Exception as error:
            _log.error("verification.adapter_failed", error=type(error).__name__)
            return IdentityAnswer("no_answer", cause="adapter-fault")

    async def _state(
        self, questions: Sequence[Question], answers: Sequence[IdentityAnswer | None]
    ) -> dict[str, Receipt]:
        """Only a yes becomes an entry: anything else merged would let a mistyped number import a stranger."""
        confirmed = [
            (question, answer)
            for question, answer in zip(questions, answers, strict=True)
            if answer is not None and answer.outcome == "verified"
        ]
        if not confirmed:
            return {}
        led = await asyncio.to_thread(self._correlations, [question.worker_id for question, _ in confirmed])
        receipts = await self._receive(
            [self._statement(question, answer, led.get(question.worker_id)) for question, answer in confirmed]
        )
        return {question.worker_id: receipt for (question, _), receipt in zip(confirmed, receipts, strict=True)}

    def _correlations(self, worker_ids: Sequence[str]) -> dict[str, str]:
        """What led to the question: the call that the record's present version came from."""
        with self._database.read() as connection:
            return correlations.newest(connection, worker_ids)

    def _statement(self, question: Question, answer: IdentityAnswer, correlation_id: str | None) -> Statement:
        return Statement(
            source="population",
            as_of=civil_date(self._clock()).isoformat(),
            groups=answer.groups or groups_of(question.claim),
            verified=True,
            key=f"verify:{question.worker_id}:{question.identity.hash.hex()}",
            correlation_id=correlation_id,
        )

    def _store(
        self,
        questions: Sequence[Question],
        answers: Sequence[IdentityAnswer | None],
        receipts: dict[str, Receipt],
    ) -> None:
        asked = {question.worker_id: (question, answer) for question, answer in zip(questions, answers, strict=True)}
        with self._database.write() as connection:
            rows = verifications.lock(connection, list(asked))
            moved = [self._after(row, *asked[row.worker_id], receipts.get(row.worker_id)) for row in rows.values()]
            changed = [row for row in moved if row is not None]
            verifications.write(connection, changed)
        self._call_for_help(changed)

    def _after(
        self, row: Verification, question: Question, answer: IdentityAnswer | None, receipt: Receipt | None
    ) -> Verification | None:
        now = self._clock()
        if answer is None:
            wait_s = max(self._breaker.wait_s(self._monotonic()), self._settings.backoff.first_s)
            return steps.put_back(row, _later(now, wait_s))
        asked_hash = question.identity.hash
        if answer.outcome == "no_answer":
            delay_s = self._settings.backoff.delay_s(row.attempts + 1, self._draw)
            return steps.unanswered(row, asked_hash, answer.cause, _later(now, delay_s))
        produced = hash_after(question.opened, answer.groups or {}) if answer.outcome == "verified" else None
        if receipt is not None and receipt.state in {"quarantined", "refused"}:
            # The yes is in doubt itself: it names somebody else whom we know. The list shows it.
            answer = IdentityAnswer("verified", answer.groups, cause=f"entry-{receipt.problem or receipt.state}")
        return steps.answered(row, asked_hash, answer, produced, instant(now))

    def _call_for_help(self, rows: Sequence[Verification]) -> None:
        before = instant(self._clock() - dt.timedelta(days=self._settings.alarm_after_days))
        overdue = [row for row in rows if row.outcome == "no_answer" and row.since < before]
        if overdue:
            _log.critical(
                "verification.unanswered_too_long",
                people=len(overdue),
                oldest_since=min(row.since for row in overdue),
                cause=overdue[0].cause,
            )


def _later(now: dt.datetime, delay_s: float) -> str:
    return instant(now + dt.timedelta(seconds=delay_s))
