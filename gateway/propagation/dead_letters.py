"""Parked deliveries, for people: what could not be made, why, and the two ways to try again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.canonical import Json
from gateway.clock import Clock, instant
from gateway.propagation.projection import Records
from gateway.security.sealing import CannotOpen
from gateway.store import audit, target_letters, target_rows
from gateway.store.engine import Database
from gateway.store.target_letters import DeadLetter
from gateway.store.target_states import retried

LETTERS_PER_PAGE_MAX = 500


@dataclass(frozen=True, slots=True)
class OpenedLetter:
    """One letter with what the target said; `answer` is None when nothing was said or it can no longer be opened."""

    letter: DeadLetter
    answer: Json


class DeadLetters:
    """Blocks on the store: call from a worker thread."""

    def __init__(self, database: Database, records: Records, clock: Clock) -> None:
        self._database = database
        self._records = records
        self._clock = clock

    def list(
        self, target: str | None = None, cause: str | None = None, after: str | None = None, limit: int = 100
    ) -> list[DeadLetter]:
        """A page, oldest first; `after` is the last letter's `cursor`. Raises ValueError for a cursor that is none."""
        with self._database.read() as connection:
            return target_letters.page(
                connection, target=target, cause=cause, after=after, limit=min(limit, LETTERS_PER_PAGE_MAX)
            )

    def show(self, worker_id: str, target: str) -> OpenedLetter | None:
        """One letter; None when there is none (any more)."""
        with self._database.read() as connection:
            found = target_letters.letter(connection, worker_id, target)
        if found is None:
            return None
        letter, box = found
        return OpenedLetter(letter, None if box is None else self._open(worker_id, target, box))

    def retry(self, worker_id: str, target: str, actor: str) -> bool:
        """Due again at once, as if never tried; False when there is no such letter."""
        return self._retry(target, [worker_id], actor, "letter:retried", worker_id, {"target": target}) == 1

    def retry_all(self, actor: str, target: str | None = None, cause: str | None = None) -> int:
        """All letters of a target, a cause or both, page by page; answers how many are due again."""
        count = 0
        after: str | None = None
        while page := self.list(target, cause, after, LETTERS_PER_PAGE_MAX):
            for name in sorted({letter.target for letter in page}):
                theirs = [letter.worker_id for letter in page if letter.target == name]
                count += self._retry(name, theirs, actor, "letters:retried", name, {"cause": cause})
            after = page[-1].cursor
        return count

    def _retry(
        self, target: str, worker_ids: Sequence[str], actor: str, action: str, subject: str, told: dict[str, object]
    ) -> int:
        at = instant(self._clock())
        with self._database.write() as connection:
            changed = len(target_rows.change(connection, target, worker_ids, lambda row: retried(row, at)))
            if changed:
                audit.add(connection, at, actor, action, subject, {**told, "letters": changed})
        return changed

    def _open(self, worker_id: str, target: str, box: bytes) -> Json:
        opened = self._records.read([worker_id]).get(worker_id)
        if opened is None:
            return None
        try:
            return opened.key.open(box, table="target_states", row=f"{worker_id}/{target}", fields="answer")
        except CannotOpen:
            return None
