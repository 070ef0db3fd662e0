"""The four outcomes, for people: who is to be completed over there, whose data differ, who has waited too long."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from gateway.clock import Clock, instant
from gateway.store import audit, verifications
from gateway.store.engine import Database
from gateway.store.verifications import OUTCOMES, Verification
from gateway.verification import steps
from gateway.verification.settings import VerificationSettings

ROWS_PER_PAGE_MAX = 500


@dataclass(frozen=True, slots=True)
class VerificationStatus:
    """People per outcome, and how many have waited beyond the alarm's bound."""

    people: dict[str, int]
    overdue: int


class VerificationLists:
    """Blocks on the store: call from a worker thread."""

    def __init__(self, database: Database, clock: Clock, settings: VerificationSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    def list(
        self, outcome: str, after: str | None = None, limit: int = 100, commune: str | None = None
    ) -> list[Verification]:
        """A page, longest first; `after` is the last row's `cursor`. Raises ValueError for an unknown outcome.

        `not_found` is the list for "phiếu đề nghị bổ sung"; `differs` is for the commune, with the fields that differ.
        """
        if outcome not in OUTCOMES:
            raise ValueError(outcome)
        with self._database.read() as connection:
            return verifications.page(
                connection, outcome, commune=commune, after=after, limit=min(limit, ROWS_PER_PAGE_MAX)
            )

    def status(self) -> VerificationStatus:
        """For people on duty."""
        before = instant(self._clock() - dt.timedelta(days=self._settings.alarm_after_days))
        with self._database.read() as connection:
            return VerificationStatus(
                verifications.counts(connection), verifications.unanswered_since(connection, before)
            )

    def ask_again(self, worker_id: str, actor: str) -> bool:
        """Ask once more, for instance when the population database has been completed; False when there is no need."""
        with self._database.write() as connection:
            row = verifications.lock(connection, [worker_id]).get(worker_id)
            at = instant(self._clock())
            after = None if row is None else steps.again(row, at)
            if after is None:
                return False
            verifications.write(connection, [after])
            audit.add(connection, at, actor, "verification:asked", worker_id, {})
        return True
