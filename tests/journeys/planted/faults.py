"""Six faults that a careless change could make. Each replaces one step of the product in the process that plants it.

Where a fault shows only if a process dies at the right moment, the planted step dies there once, as by kill -9: what
is tried is whether the run sees the loss, not how lucky a kill is.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.propagation import claims, outcomes, wanted
from gateway.propagation.heard import newest
from gateway.relay.publisher import Relay
from gateway.store import target_states
from gateway.store.event_log import PendingEvent, SentEvent
from gateway.store.leases import Lease
from gateway.store.target_states import TargetRow
from gateway.stream.kafka import publisher
from gateway.stream.port import Outcome, StreamRecord

DEATHS_VARIABLE: Final = "PLANTED_DEATHS"
"""Names the folder where a process that dies at the planted moment leaves a mark, so that only one does."""


def _die_once(fault: str) -> None:
    try:
        Path(os.environ[DEATHS_VARIABLE], fault).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def offset_before_wanted() -> None:
    """The offset is committed before what follows from the events is stored."""

    async def step(self: wanted.WantedLoop) -> int:
        events = await self._consumer.poll(self._settings.events_per_poll_max, self._settings.poll_timeout_ms)
        if not events:
            return 0
        await self._consumer.commit(events)
        heard = newest(events)
        if any(one.sequence > 1 for one in heard.values()):  # the second version would heal the loss of a first
            _die_once("offset-before-wanted")
        await asyncio.to_thread(self._store, heard)
        self._wake_sender()
        return len(events)

    wanted.WantedLoop.step = step  # type: ignore[method-assign]  # planted on purpose


def pending_before_acknowledged() -> None:
    """Pending events are deleted before Kafka has acknowledged them."""

    async def step_send(self: Relay, lease: Lease, events: Sequence[PendingEvent]) -> list[Outcome]:
        believed = [SentEvent(event.row, 0, event.row) for event in events]
        await asyncio.to_thread(self._log.settle, self._leases, lease, believed, self._settings.lease_duration_s)
        _die_once("pending-before-acknowledged")
        return await sent(self, lease, events)

    sent = Relay._send
    Relay._send = step_send  # type: ignore[method-assign]  # planted on purpose


def random_partition_key() -> None:
    """Events of one person go to any partition."""
    turn = itertools.count()
    vars(publisher)["partition_of"] = lambda _key, partitions: next(turn) % partitions


def older_over_newer() -> None:
    """What is sent is a record as it was once read, and nothing asks whether a newer one is wanted."""
    read_once: dict[tuple[str, str], Any] = {}
    take = claims.Claims._project

    def project(self: claims.Claims, waiting: Mapping[str, Any]) -> dict[str, Any]:
        return {
            worker_id: read_once.setdefault((self._adapter.name, worker_id), fresh)
            for worker_id, fresh in take(self, waiting).items()
        }

    def claimed(row: TargetRow, asked: target_states.Wanted, at: str, until: str) -> TargetRow | None:
        behind = replace(row, wanted_version=min(row.wanted_version, asked.version))
        return target_states.claimed(behind, asked, at, until)

    claims.Claims._project = project  # type: ignore[method-assign]  # planted on purpose
    vars(claims)["claimed"] = claimed


def parked_forgotten() -> None:
    """A refusal leaves no dead letter: the row says settled."""

    def refused(row: TargetRow, *_: object) -> TargetRow | None:
        return replace(row, state="settled", applied_version=row.wanted_version, lease_until=None, cause=None)

    vars(outcomes)["refused"] = refused


def other_bytes() -> None:
    """The relay reads an event and writes it anew: the same members in another order."""
    made = StreamRecord.__init__

    def rewritten(self: StreamRecord, topic: str, key: str, body: bytes, headers: Mapping[str, str]) -> None:
        made(self, topic, key, orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2), headers)

    StreamRecord.__init__ = rewritten  # type: ignore[method-assign,assignment]  # planted on purpose


PLANTS: Final[Mapping[str, Callable[[], None]]] = {
    "offset-before-wanted": offset_before_wanted,
    "pending-before-acknowledged": pending_before_acknowledged,
    "random-partition-key": random_partition_key,
    "older-over-newer": older_over_newer,
    "parked-forgotten": parked_forgotten,
    "other-bytes": other_bytes,
}
