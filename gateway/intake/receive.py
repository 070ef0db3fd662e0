"""receive(entries) → receipts: the product's table of contents.

prepare   who says what, in which words; refused here: malformed, out of scope, from the future
gather    at most 256 entries a slice; a sender's key that comes twice is settled before
store     match, merge, version, event, audit: one commit (slices.py, fold.py)
bisect    what still fails is cut in halves until the culprit stands alone with its own answer
notify    the relay is woken after the commit, never inside it
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from contracts.entry import Receipt
from contracts.trace import correlation_of, trace_id_of
from gateway.clock import Clock
from gateway.errors import Busy, GatewayError
from gateway.intake.prepare import Preparation, Prepared
from gateway.intake.slices import IndexKeyTurned, SliceMoved, SliceWriter
from gateway.intake.submission import Submission
from gateway.intake.tally import IntakeTally
from gateway.intake.waiting import Waiting

_log = structlog.get_logger("gateway.intake")


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """Limits of intake."""

    slice_size_max: int = 256
    attempts_max: int = 6


class Intake:
    """The room. `executor` runs its slices: one thread on SQLite, two on PostgreSQL, which measured fastest."""

    def __init__(
        self,
        preparation: Preparation,
        writer: SliceWriter,
        clock: Clock,
        executor: Executor,
        notify: Callable[[], None],
        settings: IntakeSettings | None = None,
        waiting: Waiting | None = None,
    ) -> None:
        self._preparation = preparation
        self._writer = writer
        self._clock = clock
        self._executor = executor
        self._notify = notify
        self._settings = settings or IntakeSettings()
        self.waiting = waiting or Waiting(slice_size_max=self._settings.slice_size_max)
        self.tally = IntakeTally()

    async def receive(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Receipts in the order of `submissions`. Raises Busy when the database cannot be reached; then nothing of
        the slice in hand is stored, and the same call may simply be made again."""
        receipts: list[Receipt] = []
        self.waiting.enter(len(submissions))
        try:
            for start in range(0, len(submissions), self._settings.slice_size_max):
                part = submissions[start : start + self._settings.slice_size_max]
                receipts += await asyncio.get_running_loop().run_in_executor(self._executor, self.receive_slice, part)
        finally:
            self.waiting.leave(len(submissions))
        return receipts

    def receive_slice(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """The same for at most one slice, in the calling thread."""
        begun_s = time.monotonic()
        now = self._clock()
        answers = [self._prepare(submission, now) for submission in submissions]
        repeats = _same_key_twice(answers)
        entries = [one for at, one in enumerate(answers) if isinstance(one, Prepared) and at not in repeats]
        stored = iter(self._store(entries) if entries else ())
        receipts = [
            next(stored) if isinstance(one, Prepared) and at not in repeats else one for at, one in enumerate(answers)
        ]
        self.waiting.stored(len(submissions), begun_s)
        self._notify()
        answered = [_repeat(answers, receipts, at, repeats) for at in range(len(answers))]
        self.tally.count(answered)
        return answered

    def _prepare(self, submission: Submission, now: dt.datetime) -> Prepared | Receipt:
        try:
            return self._preparation.prepare(submission, now)
        except Exception as error:
            # Whatever is wrong with one, the others of the slice must not feel it.
            return _not_storable(submission, error)

    def _store(self, entries: Sequence[Prepared]) -> list[Receipt]:
        """Store a slice; begin again when it moved, halve it when it fails."""
        for _ in range(self._settings.attempts_max):
            try:
                return self._writer.store_slice(entries)
            except SliceMoved:
                continue
            except IndexKeyTurned as turned:
                # Our keys are read every second: whoever sent this may come again.
                if not self._preparation.index_anew(entries, turned.index_key):
                    raise Busy("unavailable") from None
            except DBAPIError as error:
                if _database_is_gone(error):
                    raise Busy("unavailable") from error
                if not _worth_repeating(error):
                    return self._halve(entries, error)
            except NoConnectionFree as error:
                raise Busy("unavailable") from error
            except GatewayError:
                raise
            except Exception as error:
                # A value that no driver takes, a person's row that does not open: all but one entry are innocent.
                return self._halve(entries, error)
        return self._halve(entries, None)

    def _halve(self, entries: Sequence[Prepared], error: Exception | None) -> list[Receipt]:
        if len(entries) > 1:
            middle = len(entries) // 2
            return [*self._store(entries[:middle]), *self._store(entries[middle:])]
        return [_not_storable(entries[0].submission, error)]


def _not_storable(submission: Submission, error: Exception | None) -> Receipt:
    # Only the error's type: its text may hold the values that the database refused.
    trace_id = None if submission.traceparent is None else trace_id_of(correlation_of(submission.traceparent))
    _log.error("intake.entry_not_storable", sender=submission.sender, trace_id=trace_id, error=type(error).__name__)
    return Receipt(id=None, state="refused", problem="not-storable", key=submission.key)


def _same_key_twice(answers: Sequence[Prepared | Receipt]) -> dict[int, int]:
    """Position of a later entry → position of the first with the same sender's key."""
    first: dict[bytes, int] = {}
    repeats: dict[int, int] = {}
    for at, one in enumerate(answers):
        if isinstance(one, Prepared) and one.key_index is not None:
            earlier = first.setdefault(one.key_index, at)
            if earlier != at:
                repeats[at] = earlier
    return repeats


def _repeat(
    answers: Sequence[Prepared | Receipt], receipts: Sequence[Prepared | Receipt], at: int, repeats: dict[int, int]
) -> Receipt:
    if at not in repeats:
        one = receipts[at]
        assert isinstance(one, Receipt), "every entry that is not a repeat has been stored or refused"
        return one
    first, later = answers[repeats[at]], answers[at]
    earlier = receipts[repeats[at]]
    assert isinstance(first, Prepared), "a repeat points at a prepared entry"
    assert isinstance(later, Prepared), "a repeat is a prepared entry"
    assert isinstance(earlier, Receipt), "the first of a key has been stored or refused"
    if first.body_digest != later.body_digest:
        return Receipt(id=None, state="refused", problem="key-twice-in-request", fields=("key",), key=earlier.key)
    return replace(earlier)


_READ_ONLY = "25006"
_STATEMENT_TIMEOUT = "57014"
# Serialization failure, deadlock, lock time-out, and a race for a unique index: the next look sees the winner. Or a
# prepared statement that the driver has dropped: it is prepared anew.
_REPEATABLE = frozenset({"40001", "40P01", "55P03", "23505", "26000"})


def _database_is_gone(error: DBAPIError) -> bool:
    """Unreachable, shutting down, read-only or full: nothing is wrong with the entries."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError)
    return state == _READ_ONLY or (state[:2] in ("08", "53", "57", "58") and state != _STATEMENT_TIMEOUT)


def _worth_repeating(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in _REPEATABLE or (state is None and isinstance(error, IntegrityError))
