"""What the watcher says, for every process to answer with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from gateway.clock import Clock, parse_instant
from gateway.store import watch_gaps
from gateway.store.engine import Database
from gateway.watch.alarms import STAGES, Alarm
from gateway.watch.watcher import SAYING

GAPS_SHOWN_MAX: Final = 100
FRESH_S: Final = 30.0
"""What was said longer ago is of a watcher that is gone."""


@dataclass(frozen=True, slots=True)
class WatchView:
    """`watching`: whether a watcher said something lately; `gaps`: the oldest, `counts` all of them by alarm."""

    watching: bool
    said_at: str | None
    saying: Mapping[str, Any]
    gaps: list[dict[str, Any]]
    counts: dict[str, int]

    def by_stage(self) -> dict[str, int]:
        """Open gaps per stage, those without one included."""
        found = dict.fromkeys(STAGES.values(), 0)
        for alarm, count in self.counts.items():
            found[STAGES[known(alarm)]] += count
        return {str(stage): count for stage, count in found.items()}


class WatchStatus:
    """Blocks on the store: call from a worker thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def show(self) -> WatchView:
        """As it stands."""
        with self._database.read() as connection:
            saved = watch_gaps.saved(connection, SAYING)
            gaps = [asdict(row) for row in watch_gaps.page(connection, GAPS_SHOWN_MAX)]
            counts = watch_gaps.counts(connection)
        saying, said_at = saved if saved is not None else ({}, None)
        return WatchView(self._is_fresh(said_at), said_at, saying, gaps, counts)

    def _is_fresh(self, said_at: str | None) -> bool:
        if said_at is None:
            return False
        return self._clock() - parse_instant(said_at) < dt.timedelta(seconds=FRESH_S)


def known(alarm: str) -> Alarm:
    """A stored name as one of ours. KeyError: written by a newer version."""
    return next(name for name in STAGES if name == alarm)
