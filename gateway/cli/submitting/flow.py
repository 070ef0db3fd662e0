"""Rows → chunks → requests → outcomes, in the order of the file, with a few requests under way at once."""

from __future__ import annotations

import dataclasses
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from contracts.canonical import JsonObject
from contracts.problems import Language
from gateway.cli.connection import Refused, Unreachable
from gateway.cli.submitting.courier import Courier, Stopped
from gateway.cli.submitting.journal import Held, row_key
from gateway.cli.submitting.outcome import GOOD, Outcome, Remark, of_faults, of_receipt
from gateway.cli.tables import Row

SETTLED_ROWS_PER_CHUNK_MAX: Final = 2_000
LOOK_UP_S: Final = 0.2
"""How often a wait is interrupted, since on some systems Ctrl-C is heard only between waits."""

FAREWELL_S: Final = 5.0
"""On an interruption, answers under way may still arrive for this long."""

_Receipts: TypeAlias = list[dict[str, Any]]


@dataclass(slots=True)
class Chunk:
    """Some rows in order; `outcomes` holds what needs no request, None what does."""

    rows: list[int] = field(default_factory=list)
    outcomes: list[Outcome | None] = field(default_factory=list)
    entries: list[JsonObject] = field(default_factory=list)

    def settle(self, receipts: _Receipts) -> list[Outcome]:
        """All outcomes, in order."""
        answers = iter(zip(self.entries, receipts, strict=True))
        return [one or _answered(row, *next(answers)) for row, one in zip(self.rows, self.outcomes, strict=True)]


def _answered(row: int, entry: JsonObject, receipt: dict[str, Any]) -> Outcome:
    return of_receipt(row, str(entry["key"]), receipt)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to go about it. `ask_again`: rows with remarks are asked again, since their messages are not kept."""

    identity: str
    held: dict[int, Held]
    chunk: int
    in_flight: int
    ask_again: bool
    lang: Language
    rules: Mapping[str, Remark] = dataclasses.field(default_factory=dict)
    """What the rules of held rows say in general."""


def chunks(rows: Iterable[Row], plan: Plan) -> Iterator[Chunk]:
    """Rows cut into chunks of at most `plan.chunk` entries."""
    chunk = Chunk()
    for row in rows:
        outcome = _known(row, plan)
        chunk.rows.append(row.number)
        chunk.outcomes.append(outcome)
        if outcome is None and row.entry is not None:
            chunk.entries.append(_with_key(row, plan.identity))
        if len(chunk.entries) >= plan.chunk or len(chunk.rows) >= SETTLED_ROWS_PER_CHUNK_MAX:
            yield chunk
            chunk = Chunk()
    if chunk.rows:
        yield chunk


def _known(row: Row, plan: Plan) -> Outcome | None:
    if row.entry is None:
        return of_faults(row.number, row.faults, plan.lang)
    held = plan.held.get(row.number)
    if held is None or held.state not in GOOD or (held.rules and plan.ask_again):
        return None
    remarks = tuple(plan.rules.get(rule) or Remark(rule, "note", (), "", "") for rule in held.rules)
    return Outcome(row.number, held.state, held.key, held.entry_id, held.version, remarks, held.proof)


def _with_key(row: Row, identity: str) -> JsonObject:
    """A key that the sender wrote into the row is the sender's; all others follow from file and row."""
    assert row.entry is not None
    return row.entry if row.entry.get("key") else {**row.entry, "key": row_key(identity, row.number)}


class Flow:
    """One run through a file. After an exception, `rest` gives what was answered all the same."""

    def __init__(self, courier: Courier, plan: Plan) -> None:
        self._courier = courier
        self._plan = plan
        self._window: deque[tuple[Chunk, Future[_Receipts]]] = deque()

    def outcomes(self, rows: Iterable[Row]) -> Iterator[list[Outcome]]:
        """Outcomes chunk by chunk, in order. Raises what the courier raises."""
        for chunk in chunks(rows, self._plan):
            while len(self._window) >= self._plan.in_flight:
                yield self._oldest()
            self._window.append((chunk, self._start(chunk)))
        while self._window:
            yield self._oldest()

    def rest(self) -> Iterator[list[Outcome]]:
        """Stop sending; the chunks that are answered within a moment, up to the first that is not."""
        self._courier.stop.set()
        while self._window:
            chunk, future = self._window.popleft()
            try:
                yield chunk.settle(future.result(timeout=FAREWELL_S))
            except (NotYet, CancelledError, Stopped, Unreachable, Refused):
                continue

    def _oldest(self) -> list[Outcome]:
        chunk, future = self._window[0]
        while True:
            try:
                receipts = future.result(timeout=LOOK_UP_S)
            except NotYet:
                continue
            self._window.popleft()
            return chunk.settle(receipts)

    def _start(self, chunk: Chunk) -> Future[_Receipts]:
        future: Future[_Receipts] = Future()
        if not chunk.entries:
            future.set_result([])
            return future
        # A daemon: a request that hangs must not keep the program from ending.
        threading.Thread(target=self._deliver, args=(chunk, future), daemon=True).start()
        return future

    def _deliver(self, chunk: Chunk, future: Future[_Receipts]) -> None:
        try:
            future.set_result(self._courier.deliver(chunk.entries))
        except BaseException as error:
            future.set_exception(error)
