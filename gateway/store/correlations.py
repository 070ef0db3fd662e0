"""Which call a record's present version belongs to, as its event says."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection, and_, select

from gateway.store import row_sets
from gateway.store.schema import events, workers


def newest(connection: Connection, worker_ids: Sequence[str]) -> dict[str, str]:
    """Worker id -> correlation id of the newest event; whoever has none is left out."""
    if not worker_ids:
        return {}
    query = (
        select(workers.c.worker_id, events.c.body)
        .join(events, and_(events.c.worker_id == workers.c.worker_id, events.c.version == workers.c.version))
        .where(row_sets.among(connection, workers.c.worker_id, sorted(set(worker_ids))))
    )
    return {row.worker_id: str(orjson.loads(bytes(row.body))["correlationid"]) for row in connection.execute(query)}
