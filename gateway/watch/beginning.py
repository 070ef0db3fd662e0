"""Where a watch begins: behind what was confirmed, or at the first event that the topic must still hold."""

from __future__ import annotations

import datetime as dt
from typing import Final

from contracts.topics import Topic
from gateway.clock import Clock, instant
from gateway.store import watch_events, watch_gaps
from gateway.store.engine import Database
from gateway.watch.topic import RETENTION_MARGIN

POSITION: Final = "position"


def first_position(database: Database, clock: Clock, topic: Topic) -> int:
    """The position up to which nothing need be confirmed (any more). Blocks."""
    with database.read() as connection:
        held = watch_gaps.saved(connection, POSITION)
    return retained(database, clock, topic) if held is None else int(held[0])


def retained(database: Database, clock: Clock, topic: Topic) -> int:
    """The position up to which the topic may have let go of its records. Blocks."""
    expired = clock() - dt.timedelta(days=topic.retention_days) + RETENTION_MARGIN
    with database.read() as connection:
        return watch_events.last_published_before(connection, instant(expired))
