"""People against their events and their targets' rows. Pure: rows come in, gaps and suspicions out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.store.watch_people import Standing, TargetStanding
from gateway.watch.alarms import Gap


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A target was not told of a record's version, unless whoever tells it has not come so far yet."""

    worker_id: str
    target: str
    version: int
    wanted_version: int | None
    """None: it was never told of this person, or what was known of that is gone."""

    def gap(self) -> Gap:
        """Once it is certain."""
        if self.wanted_version is None:
            return Gap("watch.target-missing", self.worker_id, None, self.target, f"record at version {self.version}")
        told = f"record at version {self.version}, told of {self.wanted_version}"
        return Gap("watch.target-missing", self.worker_id, None, self.target, told)


def in_store(person: Standing, present: Sequence[int] | None = None) -> Iterator[Gap]:
    """Versions 1..n, and n is the record's. `present`: which versions there are, to name the missing ones."""
    if person.events != person.version or person.newest != person.version:
        here = set(present or ())
        missing = [version for version in range(1, person.version + 1) if version not in here][:5]
        detail = f"record at version {person.version}, {person.events} events"
        if present is not None:
            detail += f", missing {', '.join(map(str, missing)) or 'none'}"
        yield Gap("watch.gap-in-store", person.worker_id, missing[0] if present and missing else None, detail=detail)
    if person.unplaced:
        yield Gap("watch.not-published", person.worker_id, detail=f"{person.unplaced} events")


def at_targets(
    person: Standing,
    rows: Mapping[tuple[str, str], TargetStanding],
    targets: Sequence[str],
    changed_before: str,
) -> Iterator[Gap | Suspicion]:
    """What is wrong with a person's rows. What changed after `changed_before` may still be on its way."""
    for target in targets:
        row = rows.get((person.worker_id, target))
        if row is None or (row.state != "not_concerned" and row.wanted_version < person.version):
            if person.changed_at < changed_before:
                known = None if row is None else row.wanted_version
                yield Suspicion(person.worker_id, target, person.version, known)
        elif row.state == "settled" and not row.hashes_equal:
            detail = f"settled at version {row.applied_version}, and holds something else than is wanted"
            yield Gap("watch.target-stale", person.worker_id, None, target, detail)
