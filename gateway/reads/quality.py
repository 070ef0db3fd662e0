"""Quality per commune: sums by the database, divided here. A family with no expectation is null, never 0."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Final, cast

from contracts.canonical import JsonObject
from contracts.codelists import load
from contracts.worker import GroupName
from gateway.clock import Clock, instant
from gateway.quality import QualitySettings
from gateway.store.commune_quality import CommuneQuality, CommuneTally

_KEPT_S: Final = 5.0


class QualityReads:
    """The room's answers about communes. Its methods block: call them from a worker thread."""

    def __init__(self, tallies: CommuneQuality, settings: QualitySettings, clock: Clock) -> None:
        self._tallies = tallies
        self._settings = settings
        self._clock = clock
        self._kept: dict[str | None, tuple[float, JsonObject]] = {}
        self._lock = threading.Lock()

    def show(self, commune: str | None) -> JsonObject:
        """Scores per commune and for the province; kept for a few seconds, since everybody looks at the same page."""
        with self._lock:
            kept = self._kept.get(commune)
            if kept is None or kept[0] < time.monotonic():
                kept = (time.monotonic() + _KEPT_S, self._compute(commune))
                self._kept = {commune: kept} if len(self._kept) > 64 else {**self._kept, commune: kept}
            return kept[1]

    def _compute(self, commune: str | None) -> JsonObject:
        now = self._clock()
        oldest: dict[GroupName, str] = {
            group: instant(now - dt.timedelta(days=days)) for group, days in self._settings.fresh_days.items()
        }
        fresh = self._tallies.fresh_groups(oldest, commune)
        tallies = self._tallies.tallies(commune)
        rows = [self._row(tally, fresh.get(tally.commune, (0, 0))) for tally in tallies]
        total = _total(tallies)
        total_fresh = (sum(one for one, _ in fresh.values()), sum(one for _, one in fresh.values()))
        province = self._row(total, total_fresh)
        return cast(JsonObject, {"as_of": instant(now), "communes": rows, "province": province})

    def _row(self, tally: CommuneTally, fresh: tuple[int, int]) -> JsonObject:
        scores: dict[str, int | None] = {
            family: tally.sums[family] // tally.counts[family] if tally.counts[family] else None
            for family in ("correct", "complete", "clean")
        }
        scores["live"] = fresh[0] * 100 // fresh[1] if fresh[1] else None
        return cast(
            JsonObject,
            {
                "commune": tally.commune,
                "name": load("laichau_communes_2025").label(tally.commune) if tally.commune else None,
                "records": tally.records,
                "verified": tally.verified,
                "scores": scores,
                "colours": {family: self._settings.colour(score) for family, score in scores.items()},
            },
        )


def _total(tallies: list[CommuneTally]) -> CommuneTally:
    families = ("correct", "complete", "clean")
    return CommuneTally(
        None,
        sum(one.records for one in tallies),
        sum(one.verified for one in tallies),
        {family: sum(one.sums[family] for one in tallies) for family in families},
        {family: sum(one.counts[family] for one in tallies) for family in families},
    )
