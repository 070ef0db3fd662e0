"""The first loop: events come in, what a target should hold is raised. It waits for no target; nothing is blocked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from contracts.adapter_port import SystemAdapter
from gateway.clock import Clock, instant
from gateway.propagation.heard import Heard, newest
from gateway.propagation.projection import Opened, Projected, Records, gone, project
from gateway.propagation.settings import TargetSettings
from gateway.store import target_rows
from gateway.store.engine import Database
from gateway.store.target_states import TargetRow, Wanted
from gateway.stream.port import Consumer, Received

_log = structlog.get_logger("propagation")
_PAUSE_AFTER_FAULT_S = 1.0


class WantedLoop:
    """One target's consumer group: `propagation.<target>`."""

    def __init__(
        self,
        adapter: SystemAdapter,
        consumer: Consumer,
        records: Records,
        database: Database,
        clock: Clock,
        settings: TargetSettings,
        wake_sender: Callable[[], None] = lambda: None,
    ) -> None:
        self._adapter = adapter
        self._consumer = consumer
        self._records = records
        self._database = database
        self._clock = clock
        self._settings = settings
        self._wake_sender = wake_sender
        self._held: list[Received] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. A fault of store or stream is waited out; the batch in hand is never let go of."""
        while not stop.is_set():
            try:
                await self.step()
            except Exception as error:
                _log.error("propagation.wanted_failed", target=self._adapter.name, error=repr(error)[:300])
                await asyncio.sleep(_PAUSE_AFTER_FAULT_S)

    async def step(self) -> int:
        """One batch: store what it asks for, and only then commit its offsets. Answers how many events it had."""
        if not self._held:
            settings = self._settings
            self._held = await self._consumer.poll(settings.events_per_poll_max, settings.poll_timeout_ms)
        if not self._held:
            return 0
        # The batch stays in hand until both are done: a consumer polled again would go on behind it, and the next
        # commit would cover what was never stored.
        changed = await asyncio.to_thread(self._store, newest(self._held))
        if any(row.state in {"due", "unknown"} for row in changed):
            self._wake_sender()
        await self._consumer.commit(self._held)
        count, self._held = len(self._held), []
        return count

    def _store(self, heard: Mapping[str, Heard]) -> list[TargetRow]:
        opened = self._records.read(list(heard))
        projected = [self._project(one, opened.get(one.worker_id)) for one in heard.values()]
        gone_ids = [one.wanted.worker_id for one in projected if one.wanted.state == "not_concerned"]
        target = self._adapter.name
        with self._database.write() as connection:
            changed = target_rows.raise_wanted(
                connection, target, [one.wanted for one in projected], instant(self._clock())
            )
            if gone_ids:
                target_rows.forget_views(connection, gone_ids)
        return changed

    def _project(self, heard: Heard, opened: Opened | None) -> Projected:
        if opened is None:
            return gone(heard.worker_id)
        projected = project(
            self._adapter,
            opened,
            needs_verified_identity=self._settings.needs_verified_identity,
            correlation_id=heard.correlation_id,
        )
        if not heard.doubtful:
            return projected
        wanted = projected.wanted
        # The sender looks at the record again, and turns away what cannot be sent.
        doubted = Wanted(wanted.worker_id, wanted.version, wanted.hash, "unknown", None, wanted.correlation_id)
        return Projected(doubted, projected.view, projected.key)


def group_of(target: str) -> str:
    """The name of a target's consumer group."""
    return f"propagation.{target}"
