"""The reader of the stream: whose identity is not confirmed is noted, to be asked for."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence

import structlog

from gateway.clock import Clock, instant
from gateway.store import verifications
from gateway.store.engine import Database
from gateway.stream.port import Consumer, Received
from gateway.verification.claims import Records, identity_of
from gateway.verification.settings import VerificationSettings
from gateway.verification.steps import heard

GROUP = "verification"
_PAUSE_AFTER_FAULT_S = 1.0
_log = structlog.get_logger("verification")


class Listening:
    """The consumer group `verification`."""

    def __init__(
        self,
        consumer: Consumer,
        records: Records,
        database: Database,
        clock: Clock,
        settings: VerificationSettings,
        wake_asking: Callable[[], None] = lambda: None,
    ) -> None:
        self._consumer = consumer
        self._records = records
        self._database = database
        self._clock = clock
        self._settings = settings
        self._wake_asking = wake_asking
        self._held: list[Received] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; a fault of store or stream is waited out with the batch in hand."""
        while not stop.is_set():
            try:
                await self.step()
            except Exception as error:
                _log.error("verification.listening_failed", error=repr(error)[:300])
                await asyncio.sleep(_PAUSE_AFTER_FAULT_S)

    async def step(self) -> int:
        """One batch: stored, and only then committed. Answers how many events it had."""
        if not self._held:
            settings = self._settings
            self._held = await self._consumer.poll(settings.events_per_poll_max, settings.poll_timeout_ms)
        if not self._held:
            return 0
        if await asyncio.to_thread(self._store, sorted({one.key for one in self._held if _is_worker_id(one.key)})):
            self._wake_asking()
        await self._consumer.commit(self._held)
        count, self._held = len(self._held), []
        return count

    def _store(self, worker_ids: Sequence[str]) -> bool:
        """Says whether there is anybody to ask for."""
        identities = [identity_of(opened) for opened in self._records.read(worker_ids).values()]
        at = instant(self._clock())
        with self._database.write() as connection:
            rows = verifications.lock(connection, [identity.worker_id for identity in identities])
            steps = [heard(rows.get(identity.worker_id), identity, at) for identity in identities]
            verifications.write(connection, [row for row in steps if row is not None])
        return any(row is not None and row.next_at is not None for row in steps)


def _is_worker_id(key: str) -> bool:
    try:
        return str(uuid.UUID(key)) == key
    except ValueError:
        return False
