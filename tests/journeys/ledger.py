"""What the store must hold whatever happened on the way: everything once, versions and positions without a gap."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from gateway.store.engine import Database
from gateway.store.schema import entries, events, pending, positions, target_states, workers


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts and faults of a store at rest."""

    entries: int
    """Entries of the HTTP door."""
    keys: int
    """Different sender's keys among them."""
    people: int
    events: int
    positions: int
    pending: int
    people_with_gaps: int
    """People whose events are not versions 1..n of their record."""
    positions_with_gaps: int
    target_states: dict[str, dict[str, int]]


def read_ledger(url: str) -> Ledger:
    """Count. Only reads."""
    database = Database(url)
    try:
        return _read(database)
    finally:
        database.close()


def _read(database: Database) -> Ledger:
    own = entries.c.sender == "local"
    counted = (
        select(events.c.worker_id, func.count().label("count"), func.max(events.c.version).label("last"))
        .group_by(events.c.worker_id)
        .subquery()
    )
    gaps = (
        select(func.count())
        .select_from(workers.outerjoin(counted, counted.c.worker_id == workers.c.worker_id))
        .where((workers.c.version != counted.c.last) | (counted.c.count != counted.c.last) | counted.c.last.is_(None))
    )
    with database.read() as connection:
        states: dict[str, dict[str, int]] = {}
        rows = connection.execute(
            select(target_states.c.target, target_states.c.state, func.count()).group_by(
                target_states.c.target, target_states.c.state
            )
        )
        for target, state, people in rows:
            states.setdefault(target, {})[state] = people

        def count(query: object) -> int:
            return int(connection.execute(query).scalar_one() or 0)  # type: ignore[call-overload]  # any select of one

        return Ledger(
            entries=count(select(func.count()).select_from(entries).where(own)),
            keys=count(select(func.count(entries.c.key_index.distinct())).where(own)),
            people=count(select(func.count()).select_from(workers)),
            events=count(select(func.count()).select_from(events)),
            positions=count(select(func.count()).select_from(positions)),
            pending=count(select(func.count()).select_from(pending)),
            people_with_gaps=count(gaps),
            positions_with_gaps=count(select(func.max(positions.c.position)))
            - count(select(func.count()).select_from(positions)),
            target_states=states,
        )
