"""Workers whose event could not be published: their later events wait, nobody else's do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from gateway.relay.settings import RelaySettings

_DOUBLINGS_MAX: Final = 16


@dataclass(slots=True)
class _Hold:
    attempts: int
    until: float


class HeldBack:
    """In memory only: after a restart everything pending is simply tried again."""

    def __init__(self, settings: RelaySettings, monotonic: Callable[[], float]) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._holds: dict[str, _Hold] = {}

    def hold(self, worker_ids: Iterable[str]) -> None:
        """An event of each failed once more; each time the wait is twice as long."""
        now = self._monotonic()
        for worker_id in worker_ids:
            attempts = self._holds[worker_id].attempts + 1 if worker_id in self._holds else 1
            self._holds[worker_id] = _Hold(attempts, now + self._delay_s(attempts))

    def release(self, worker_ids: Iterable[str]) -> None:
        """Their events were published."""
        if self._holds:
            for worker_id in worker_ids:
                self._holds.pop(worker_id, None)

    def workers(self) -> Collection[str]:
        """Those to leave out now; one whose wait is over is tried again."""
        now = self._monotonic()
        return [worker_id for worker_id, hold in self._holds.items() if hold.until > now]

    def is_full(self) -> bool:
        """More workers wait than one record's fault explains."""
        return len(self.workers()) >= self._settings.held_workers_max

    def _delay_s(self, attempts: int) -> float:
        grown = self._settings.retry_s_min * float(2 ** min(attempts - 1, _DOUBLINGS_MAX))
        return min(grown, self._settings.retry_s_max)
