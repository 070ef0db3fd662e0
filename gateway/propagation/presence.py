"""The processes that send know of each other: each says how it stands, and takes its share of every target's limits.

A target's rate and concurrency are agreed with its owner; two processes must not send twice as much as one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson
import structlog

from contracts.worker import SystemName
from gateway.pacing.rest import rest
from gateway.propagation.pauses import Pauses
from gateway.propagation.sender import Sender, SenderStatus
from gateway.store import sender_reports
from gateway.store.engine import Database
from gateway.store.sender_reports import SenderReport

EVERY_S: Final = 2.0
_log = structlog.get_logger("propagation")


@dataclass(frozen=True, slots=True)
class _Seen:
    processes: Counter[str]
    paused: frozenset[str]
    on_trial: frozenset[str]


class Presence:
    """One process; `process` must differ between processes, a restarted one included."""

    def __init__(
        self,
        process: str,
        senders: Mapping[SystemName, Sender],
        database: Database,
        pauses: Pauses,
        every_s: float = EVERY_S,
    ) -> None:
        self._process = process
        self._senders = senders
        self._database = database
        self._pauses = pauses
        self._every_s = every_s
        self._paused: frozenset[str] = frozenset()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; a process that ends in good order leaves its share to the others at once."""
        while not stop.is_set():
            try:
                await self.step()
            except Exception as error:
                _log.warning("propagation.presence_unsaid", error=type(error).__name__)
            await rest(stop, self._every_s)
        await asyncio.to_thread(self._leave)

    async def step(self) -> None:
        """Say how we stand, see who else is there and what is paused, and set our senders' shares."""
        reports = [_report(self._process, sender.status()) for sender in self._senders.values()]
        seen = await asyncio.to_thread(self._exchange, reports)
        for name, sender in self._senders.items():
            sender.share_with(max(seen.processes[name], 1))
            if name in seen.on_trial:
                sender.begin_trial()
            elif name in self._paused and name not in seen.paused:
                sender.resume()
        self._paused = seen.paused

    def _exchange(self, reports: Sequence[SenderReport]) -> _Seen:
        with self._database.write() as connection:
            sender_reports.store(connection, reports)
        paused = frozenset(pause.target for pause in self._pauses.in_force())
        with self._database.read() as connection:
            processes = Counter(report.target for report in sender_reports.fresh(connection))
        return _Seen(processes, paused, frozenset(self._pauses.on_trial()))

    def _leave(self) -> None:
        with self._database.write() as connection:
            sender_reports.forget(connection, self._process)


def _report(process: str, status: SenderStatus) -> SenderReport:
    return SenderReport(
        process=process,
        target=status.target,
        breaker=status.breaker,
        cause=status.cause,
        wait_ms=round(status.wait_s * 1_000),
        calls_under_way=status.calls_under_way,
        outcomes=orjson.dumps(status.outcomes, option=orjson.OPT_SORT_KEYS).decode(),
    )
