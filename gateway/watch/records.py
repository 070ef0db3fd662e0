"""One record of the topic against the store: is it the event that was stored, byte for byte, where it belongs?

Pure: what the store says of it comes in, gaps come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson

from gateway.store.watch_events import EventKey, LoggedEvent
from gateway.stream.partitioner import partition_of
from gateway.stream.port import Received
from gateway.watch.alarms import Gap


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record, and which event it says that it is; None when it cannot be read as one."""

    record: Received
    event: EventKey | None


def arrived(record: Received) -> Arrived:
    """Read subject and sequence from the body."""
    try:
        body = orjson.loads(record.body)
        event = (str(body["subject"]), int(body["sequence"]))
    except (ValueError, TypeError, KeyError):
        return Arrived(record, None)
    return Arrived(record, event)


def compare(one: Arrived, stored: LoggedEvent | None, partitions: int) -> Iterator[Gap]:
    """What is wrong with the record itself."""
    record = one.record
    place = f"partition {record.partition}, offset {record.offset}"
    if one.event is None or stored is None:
        yield Gap("watch.unknown-record", detail=place)
        return
    worker_id, version = one.event
    if record.body != stored.body:
        yield Gap("watch.wrong-bytes", worker_id, version, detail=place)
    if record.key != worker_id:
        yield Gap("watch.wrong-key", worker_id, version, detail=place)
    if record.partition != partition_of(worker_id, partitions):
        yield Gap("watch.wrong-partition", worker_id, version, detail=place)


def out_of_order(one: Arrived, stored: LoggedEvent, was_seen: Callable[[EventKey, int | None], bool]) -> Gap | None:
    """Whether this version comes first although the one before it has not come yet.

    `was_seen(event, position)`: whether a record of that event came before. Repeats are no matter of order.
    """
    assert one.event is not None
    worker_id, version = one.event
    if version == 1 or was_seen(one.event, stored.position):
        return None
    if was_seen((worker_id, version - 1), stored.previous):
        return None
    place = f"partition {one.record.partition}, offset {one.record.offset}"
    return Gap("watch.out-of-order", worker_id, version, detail=place)
