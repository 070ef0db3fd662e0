"""What has stood still for longer than the grace although nothing explains it: the relay, or a target's deliveries.

A long queue is no alarm: its head moves. The same head for longer than the grace is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from gateway.clock import Clock, instant
from gateway.store import sender_reports, target_gauges, target_pauses
from gateway.store.engine import Database
from gateway.store.event_log import EventLog
from gateway.watch.alarms import Gap
from gateway.watch.settings import WatchSettings


class Heads:
    """The head of each queue, and since when it is the same one."""

    def __init__(self, grace_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._grace_s = grace_s
        self._monotonic = monotonic
        self._heads: dict[str, tuple[str, float]] = {}

    def stuck(self, heads: Mapping[str, str]) -> list[str]:
        """Those whose head has been the same for longer than the grace; who has none any more is forgotten."""
        now_s = self._monotonic()
        self._heads = {
            name: held if (held := self._heads.get(name)) is not None and held[0] == head else (head, now_s)
            for name, head in heads.items()
        }
        return [name for name, (_, since_s) in self._heads.items() if now_s - since_s > self._grace_s]


class Standstill:
    """Blocks on the store: call from a worker thread."""

    def __init__(
        self, database: Database, log: EventLog, clock: Clock, settings: WatchSettings, targets: Sequence[str]
    ) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._targets = tuple(targets)
        self._relay = Heads(settings.grace_s)
        self._sending = Heads(settings.grace_s)

    def look(self) -> list[Gap]:
        """What stands still now."""
        backlog = self._log.backlog()
        heads = {"relay": backlog.oldest_at} if backlog.oldest_at is not None else {}
        gaps = [
            Gap("watch.relay-behind", detail=f"{backlog.events} events, the oldest of {backlog.oldest_at}")
            for _ in self._relay.stuck(heads)
        ]
        unexplained = self._unexplained()
        gaps += [
            Gap("watch.target-behind", target=target, detail=f"the oldest of {unexplained[target]}")
            for target in self._sending.stuck(unexplained)
        ]
        return gaps

    def _unexplained(self) -> dict[str, str]:
        """Target -> since when its oldest work without a cause waits, where neither pause nor breaker explains it."""
        at = instant(self._clock())
        with self._database.read() as connection:
            oldest = target_gauges.oldest_unexplained(connection)
            paused = {pause.target for pause in target_pauses.read(connection) if pause.in_force(at)}
            resting = {report.target for report in sender_reports.fresh(connection) if report.breaker != "closed"}
        return {name: since for name, since in oldest.items() if name in set(self._targets) - paused - resting}
