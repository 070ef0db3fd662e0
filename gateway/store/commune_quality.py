"""Quality per commune, summed by the database over the records' scores; freshness is judged on reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from contracts.worker import GroupName
from gateway.store import schema
from gateway.store.engine import Database


@dataclass(slots=True)
class CommuneTally:
    """Sums over one commune's records. A family's count leaves out records to which it does not apply.

    `key_doubts`: records with a number in doubt whose identity the population database has not confirmed.
    """

    commune: str | None
    records: int
    verified: int
    key_doubts: int
    sums: dict[str, int]
    counts: dict[str, int]


class CommuneQuality:
    """Reads the tallies. Call from a worker thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tallies(self, commune: str | None = None) -> list[CommuneTally]:
        """One tally per commune, in order of code; records of no known commune come under None."""
        table = schema.workers
        families = {"correct": table.c.score_correct, "complete": table.c.score_complete, "clean": table.c.score_clean}
        sums = [func.coalesce(func.sum(column), 0) for column in families.values()]
        counts = [func.count(column) for column in families.values()]
        verified = func.count().filter(table.c.verified)
        doubts = func.count().filter(table.c.keys_doubted, ~table.c.verified)
        query = (
            select(table.c.commune, func.count(), verified, doubts, *sums, *counts)
            .where(table.c.version > 0)
            .group_by(table.c.commune)
            .order_by(table.c.commune)
        )
        if commune is not None:
            query = query.where(table.c.commune == commune)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        names = list(families)
        return [
            CommuneTally(
                row[0],
                row[1],
                row[2],
                row[3],
                {name: int(row[4 + at]) for at, name in enumerate(names)},
                {name: int(row[4 + len(names) + at]) for at, name in enumerate(names)},
            )
            for row in rows
        ]

    def fresh_groups(
        self, oldest: Mapping[GroupName, str], commune: str | None = None
    ) -> dict[str | None, tuple[int, int]]:
        """Per commune: (groups confirmed at or after their `oldest` instant, groups held).

        Counted by the database over the JSON of instants: one pass, nothing of it leaves the database.
        """
        table = schema.workers
        held = [(self._confirmed(group), limit) for group, limit in oldest.items()]
        fresh = sum((func.sum(case((instant >= limit, 1), else_=0)) for instant, limit in held), literal(0))
        known = sum((func.count(instant) for instant, _ in held), literal(0))
        query = select(table.c.commune, fresh, known).where(table.c.version > 0).group_by(table.c.commune)
        if commune is not None:
            query = query.where(table.c.commune == commune)
        with self._database.read() as connection:
            return {row[0]: (int(row[1] or 0), int(row[2])) for row in connection.execute(query)}

    def _confirmed(self, group: GroupName) -> ColumnElement[str]:
        column = schema.workers.c.confirmed_at
        if self._database.is_sqlite:
            return func.json_extract(column, f"$.{group}")
        found: ColumnElement[str] = cast(column, JSONB)[group].astext
        return found
