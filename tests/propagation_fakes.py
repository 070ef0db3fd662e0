"""People, a stream and a target system in memory: what propagation, verification and capture are tried on."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import orjson

from contracts.adapter_port import (
    CannotTranslate,
    Change,
    ChangePage,
    Delivered,
    Delivery,
    Outcome,
    PersonKey,
    Pong,
    View,
)
from contracts.events import TYPE_PREFIX
from contracts.topics import WORKER_CHANGED
from contracts.worker import GroupName, Groups, Provenance, SystemName, WorkerRecord
from gateway.clock import instant
from gateway.security.keyring import Keyring
from gateway.security.sealing import DataKey, Vault
from gateway.stream.port import Progress, Received

START = dt.datetime(2026, 7, 5, 1, 0, tzinfo=dt.UTC)


class FakeClock:
    """Stands still until told to go on; also the monotonic clock."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def seconds(self) -> float:
        return (self.now - START).total_seconds()

    def go_on(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


@dataclass(frozen=True)
class Opened:
    record: WorkerRecord
    key: DataKey


class People:
    """The records, in memory, with the promises of the record reader."""

    def __init__(self) -> None:
        self._vault = Vault(Keyring.generate())
        self.opened: dict[str, Opened] = {}

    def add(self, number: str | None, *, verified: bool = True, job: str = "nông dân") -> str:
        worker_id = str(uuid.uuid4())
        groups: Groups = {
            "basic": {"full_name": "Lò Văn Thử", "birth_date": "1990", "sex": "1", "personal_number": number},
            "situation": {"job_title": job},
        }
        basic = Provenance("form", "2026-07-01", "2026-07-02" if verified else None, "2026-07-01")
        provenance: dict[GroupName, Provenance] = {"basic": basic, "situation": basic}
        self.opened[worker_id] = Opened(WorkerRecord(worker_id, 1, groups, provenance), self._vault.new_key()[0])
        return worker_id

    def keys(self, worker_ids: Sequence[str]) -> dict[str, DataKey]:
        return {worker_id: self.opened[worker_id].key for worker_id in worker_ids if worker_id in self.opened}

    def change(self, worker_id: str, groups: Groups | None = None, *, verified: bool | None = None) -> None:
        held = self.opened[worker_id]
        merged = {name: {**held.record.groups.get(name, {}), **values} for name, values in (groups or {}).items()}
        provenance = dict(held.record.provenance)
        if verified is not None:
            provenance["basic"] = replace(provenance["basic"], verified_at="2026-07-05" if verified else None)
        record = WorkerRecord(worker_id, held.record.version + 1, {**held.record.groups, **merged}, provenance)
        self.opened[worker_id] = Opened(record, held.key)

    def work_as(self, worker_id: str, job: str) -> None:
        self.change(worker_id, {"situation": {"job_title": job}})

    def read(self, worker_ids: Sequence[str]) -> Mapping[str, Opened]:
        return {worker_id: self.opened[worker_id] for worker_id in worker_ids if worker_id in self.opened}

    def find_many(self, people: Sequence[PersonKey]) -> list[str | None]:
        owners = {opened.record.value("basic", "personal_number"): one for one, opened in self.opened.items()}
        return [owners.get(person.personal_number) if person.personal_number else None for person in people]


class FakeStream:
    """One partition, in memory; each consumer has its own place, and what it has committed."""

    def __init__(self) -> None:
        self.records: list[Received] = []

    def say(self, worker_id: str, sequence: int, kind: str = "changed") -> None:
        event = {"type": f"{TYPE_PREFIX}{kind}", "sequence": sequence, "correlationid": str(uuid.uuid4())}
        self.put(worker_id, orjson.dumps(event))

    def put(self, key: str, body: bytes) -> None:
        self.records.append(Received(WORKER_CHANGED.name, 0, len(self.records), key, body, {}))

    def consumer(self) -> FakeConsumer:
        return FakeConsumer(self)


class FakeConsumer:
    def __init__(self, stream: FakeStream) -> None:
        self._stream = stream
        self._next = 0
        self.committed = 0

    async def poll(self, max_records: int, timeout_ms: int) -> list[Received]:
        await asyncio.sleep(0)
        taken = self._stream.records[self._next : self._next + max_records]
        self._next += len(taken)
        return taken

    async def commit(self, received: Sequence[Received]) -> None:
        self.committed = max(record.offset + 1 for record in received)

    async def progress(self) -> Mapping[tuple[str, int], Progress]:
        return {}

    def lag(self) -> int:
        return 0

    async def close(self) -> None:
        return None


Fault = Callable[[Sequence[Delivery]], Exception | None]


@dataclass
class FakeTarget:
    """A target that holds views, tells its changes, fails as told, and then makes of a view what `reshape` says."""

    name: SystemName = "labour_market"
    batch_size_max: int = 100
    held: dict[str, View] = field(default_factory=dict)
    feed: list[Change] = field(default_factory=list)
    down: Exception | None = None
    faults: list[Exception] = field(default_factory=list)
    answers_lost: int = 0
    refuses: Callable[[Delivery], Exception | None] = lambda _delivery: None
    reshape: Callable[[View], View] = lambda view: view
    gate: asyncio.Event | None = None
    counted: Counter[str] = field(default_factory=Counter)
    sent: list[Delivery] = field(default_factory=list)

    def view(self, record: WorkerRecord) -> View:
        number = record.value("basic", "personal_number")
        if not number:
            raise CannotTranslate("personal_number")
        return {
            "so": cast(str, number),
            "ten": cast(str, record.value("basic", "full_name")),
            "viec": cast(str, record.value("situation", "job_title")),
        }

    def person_key(self, view: View) -> PersonKey:
        return PersonKey(personal_number=cast(str, view["so"]))

    async def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        self.counted["deliver"] += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.down is not None:
            raise self.down
        if self.faults:
            raise self.faults.pop(0)
        outcomes = [self._take(delivery) for delivery in batch]
        if self.answers_lost:
            self.answers_lost -= 1
            raise ConnectionResetError
        return outcomes

    def _take(self, delivery: Delivery) -> Outcome:
        no = self.refuses(delivery)
        if no is not None:
            return cast(Outcome, no)
        self.sent.append(delivery)
        self.change(delivery.view)
        self.change(self.reshape(delivery.view))
        return Delivered()

    def change(self, view: View) -> None:
        """Somebody changes a person on this side."""
        number = cast(str, view["so"])
        if self.held.get(number) == view:
            return
        self.held[number] = view
        groups: Groups = {"situation": {"job_title": view["viec"]}}
        change_id = f"{self.name}-{len(self.feed)}"
        self.feed.append(
            Change(change_id, instant(START), "2026-07-05", PersonKey(personal_number=number), view, groups)
        )

    async def read(self, people: Sequence[PersonKey]) -> list[View | None]:
        self.counted["read"] += 1
        if self.down is not None:
            raise self.down
        return [self.held.get(person.personal_number or "") for person in people]

    async def changes(self, since: str | None, limit: int) -> ChangePage:
        self.counted["changes"] += 1
        if self.down is not None:
            raise self.down
        start = max(int(since or 0) - 2, 0)  # windows overlap, as they do in real life
        end = min(int(since or 0) + limit, len(self.feed))
        return ChangePage(tuple(self.feed[start:end]), str(end), end < len(self.feed))

    async def ping(self) -> Pong:
        return Pong(1.0)

    async def close(self) -> None:
        return None
