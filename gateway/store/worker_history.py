"""What led to a worker's record: its versions and the observations, losing ones included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import orjson
from sqlalchemy import select

from contracts.canonical import JsonObject
from contracts.worker import Groups, join_identity
from gateway.security.sealing import Vault
from gateway.store import schema
from gateway.store.engine import Database


@dataclass(frozen=True, slots=True)
class VersionRead:
    """One version: which groups it changed, and the entry that caused it. `position` is None until published."""

    version: int
    type: str
    recorded_at: str
    changed: tuple[str, ...]
    quality: JsonObject
    entry_id: str | None
    position: int | None


@dataclass(frozen=True, slots=True)
class ObservationRead:
    """What one source said once, identity in clear (only inside the house)."""

    observation_id: int
    entry_id: str
    source: str
    as_of: str
    observed_at: str
    changed: tuple[str, ...]
    groups: Groups


class HistoryReader:
    """Reads pages of a worker's past. Call from a worker thread."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def versions(self, worker_id: str, after: int, limit: int) -> list[VersionRead]:
        """Versions above `after`, in order."""
        events, positions = schema.events, schema.positions
        query = (
            select(events.c.version, events.c.type, events.c.recorded_at, events.c.body, positions.c.position)
            .outerjoin(positions, positions.c.event_row == events.c.id)
            .where(events.c.worker_id == worker_id, events.c.version > after)
            .order_by(events.c.version)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_version(row) for row in connection.execute(query)]

    def observations(self, worker_id: str, after: int, limit: int) -> list[ObservationRead]:
        """Observations with an id above `after`, in order of arrival. Raises CannotOpen for an erased person."""
        said, keys = schema.observations, schema.data_keys
        query = (
            select(said, keys.c.wrapped)
            .join(keys, keys.c.key_id == said.c.key_id)
            .where(said.c.worker_id == worker_id, said.c.observation_id > after)
            .order_by(said.c.observation_id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [self._observation(row) for row in connection.execute(query)]

    def _observation(self, row: Any) -> ObservationRead:
        groups: Groups = orjson.loads(row.groups)
        if row.sealed is not None:
            key = self._vault.unwrap(row.key_id, row.wrapped)
            identity = key.open(row.sealed, table="observations", row=row.entry_id, fields="identity")
            groups = join_identity(groups, cast(Groups, identity))
        return ObservationRead(
            row.observation_id,
            row.entry_id,
            row.source,
            row.as_of,
            row.observed_at,
            tuple(orjson.loads(row.changed)),
            groups,
        )


def _version(row: Any) -> VersionRead:
    event = orjson.loads(row.body)
    data = event["data"]
    return VersionRead(
        row.version,
        row.type,
        row.recorded_at,
        tuple(data["changed"]),
        data["quality"],
        event.get("causationid"),
        row.position,
    )
