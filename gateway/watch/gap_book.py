"""The open gaps: written once, told once, taken out when they are mended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import structlog

from gateway.clock import Clock, instant
from gateway.store import watch_gaps
from gateway.store.engine import Database
from gateway.store.leases import Lease, Leases
from gateway.store.watch_gaps import GapRow
from gateway.watch.alarms import Alarm, Gap

_TOLD_AT_ONCE_MAX: Final = 50
_log = structlog.get_logger("gateway.watch")


class GapBook:
    """Blocks on the store: call from a worker thread. Whoever writes as the watcher holds its lease."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._leases = Leases(database, clock)

    def write(
        self,
        gaps: Sequence[Gap],
        mended: Collection[tuple[str, str]] = (),
        saying: dict[str, Any] | None = None,
        under: tuple[Lease, float] | None = None,
    ) -> None:
        """One transaction: new gaps, mended ones, and JSON values under their names. Raises LeaseLost."""
        at = instant(self._clock())
        with self._database.write() as connection:
            if under is not None:
                self._leases.lock(connection, *under)
            new = watch_gaps.add(connection, [gap.row(at) for gap in gaps])
            watch_gaps.remove(connection, mended)
            for name, value in (saying or {}).items():
                watch_gaps.save(connection, name, value, at)
        _tell(new)

    def open(self, alarms: Sequence[Alarm]) -> set[tuple[str, str]]:
        """(alarm, subject) of the open gaps under these names."""
        with self._database.read() as connection:
            return watch_gaps.keys(connection, alarms)


def _tell(new: Sequence[GapRow]) -> None:
    for row in new[:_TOLD_AT_ONCE_MAX]:
        _log.critical(row.alarm, worker_id=row.worker_id, version=row.version, target=row.target, detail=row.detail)
    if len(new) > _TOLD_AT_ONCE_MAX:
        _log.critical("watch.more_gaps", gaps=len(new) - _TOLD_AT_ONCE_MAX)
