"""Pausing a target: by a person, for maintenance that is announced to callers, or because everything is refused there.

What would have been sent waits in `target_states`; only the newest state of each person goes when the pause ends.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from contracts.worker import SystemName
from gateway.clock import Clock, instant
from gateway.errors import Conflict
from gateway.store import audit, target_pauses
from gateway.store.engine import Database
from gateway.store.target_pauses import TOO_MANY_REFUSALS, Pause, PauseCause

GATEWAY: Final = "gateway"
_LONGEST_S: Final = 3_600.0
_DOUBLINGS_MAX: Final = 16


class Pauses:
    """Blocks on the store: call from a worker thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def current(self) -> list[Pause]:
        """Those in force and those announced, by target."""
        at = instant(self._clock())
        return [pause for pause in self._all() if not pause.over(at)]

    def in_force(self) -> list[Pause]:
        """Those that stop sending now."""
        at = instant(self._clock())
        return [pause for pause in self._all() if pause.in_force(at)]

    def on_trial(self) -> set[str]:
        """Targets whose pause for refusals has ended by itself: so little is known of them that little is risked."""
        at = instant(self._clock())
        return {pause.target for pause in self._all() if pause.over(at) and pause.times}

    def pause(
        self,
        target: SystemName,
        actor: str,
        cause: PauseCause,
        reason: str,
        starts_at: str | None = None,
        ends_at: str | None = None,
    ) -> Pause:
        """Order a pause, in place of one that is there. Raises Conflict for an end that is past or before the start."""
        at = instant(self._clock())
        pause = Pause(target, cause, reason, actor, at, max(starts_at or at, at), ends_at)
        if ends_at is not None and ends_at <= pause.starts_at:
            raise Conflict("pause-ends-before-it-starts", ("ends_at",))
        with self._database.write() as connection:
            target_pauses.lock(connection, target)
            target_pauses.put(connection, pause)
            told = {"cause": cause, "starts_at": pause.starts_at, "ends_at": ends_at}
            audit.add(connection, at, actor, "target:pause", target, told)
        return pause

    def resume(self, target: SystemName, actor: str) -> bool:
        """End a pause, or take back an announced one; False when there was none."""
        at = instant(self._clock())
        with self._database.write() as connection:
            held = target_pauses.lock(connection, target)
            if held is None:
                return False
            target_pauses.remove(connection, target)
            if not held.over(at):
                audit.add(connection, at, actor, "target:resume", target, {"cause": held.cause})
        return not held.over(at)

    def too_many_refusals(self, target: SystemName, share: float, first_pause_s: float) -> Pause | None:
        """The gateway pauses a target itself, twice as long each time in a row; None when it is paused already."""
        now = self._clock()
        at = instant(now)
        with self._database.write() as connection:
            held = target_pauses.lock(connection, target)
            if held is not None and held.in_force(at):
                return None
            times = held.times + 1 if held is not None and held.over(at) else 1
            longer_s = min(first_pause_s * float(1 << min(times - 1, _DOUBLINGS_MAX)), max(first_pause_s, _LONGEST_S))
            ends_at = instant(now + dt.timedelta(seconds=longer_s))
            reason = f"{share:.0%} of the last answers were refusals"
            pause = Pause(target, TOO_MANY_REFUSALS, reason, GATEWAY, at, at, ends_at, times)
            target_pauses.put(connection, pause)
            told = {"cause": pause.cause, "starts_at": at, "ends_at": ends_at}
            audit.add(connection, at, GATEWAY, "target:pause", target, told)
        return pause

    def passed_trial(self, target: SystemName) -> None:
        """It takes deliveries again: the next pause is a first one."""
        with self._database.write() as connection:
            held = target_pauses.lock(connection, target)
            if held is not None and held.times and held.over(instant(self._clock())):
                target_pauses.remove(connection, target)

    def _all(self) -> list[Pause]:
        with self._database.read() as connection:
            return target_pauses.read(connection)
