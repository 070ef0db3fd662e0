"""Quality per commune: sums by the database, divided here. A family with no expectation is null, never 0.

Of the numbers that identify people 100 is demanded: a commune with one in doubt is red, whatever its mean.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Final, cast

from contracts.canonical import JsonObject
from contracts.codelists import load
from contracts.worker import GroupName
from gateway.clock import Clock, instant
from gateway.quality import Family, QualitySettings, Scores, Tally, score_commune
from gateway.quality.settings import POINTS_MAX
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
        scores = [_scores(tally, fresh.get(tally.commune, (0, 0))) for tally in tallies]
        rows = [self._row(tally.commune, tally.verified, scored) for tally, scored in zip(tallies, scores, strict=True)]
        province = self._row(None, sum(tally.verified for tally in tallies), score_commune(scores))
        return cast(JsonObject, {"as_of": instant(now), "communes": rows, "province": province})

    def _row(self, commune: str | None, verified: int, scored: Scores) -> JsonObject:
        settings = self._settings
        return cast(
            JsonObject,
            {
                "commune": commune,
                "name": load("laichau_communes_2025").label(commune) if commune else None,
                "records": scored.records,
                "verified": verified,
                "key_doubts": scored.key_doubts,
                "scores": scored.shown(settings),
                "colours": {family: scored.colour(family, settings) for family in settings.families},
            },
        )


def _scores(tally: CommuneTally, fresh: tuple[int, int]) -> Scores:
    """A commune's scores are the means of its records' ones; how live it is, the share of its groups that are fresh."""
    tallies: dict[Family, Tally] = {
        family: Tally(tally.sums[family], tally.counts[family]) for family in ("correct", "complete", "clean")
    }
    tallies["live"] = Tally(fresh[0] * POINTS_MAX, fresh[1])
    return Scores(tallies, tally.records, tally.key_doubts)
