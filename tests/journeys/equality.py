"""Do the three systems hold what the record says, field by field? Read back through the adapters, from the systems."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select

from contracts.adapter_port import CannotTranslate, SystemAdapter, View
from contracts.worker import SystemName, WorkerRecord
from gateway.security.keyring import load_or_create
from gateway.security.sealing import Vault
from gateway.settings import Settings
from gateway.store import schema
from gateway.store.engine import Database
from gateway.store.records import RecordReader
from gateway.wiring.systems import build_systems, token_source

_PAGE: Final = 500
_PREFIX: Final = "LGSP_"


@dataclass(frozen=True, slots=True)
class Difference:
    """A person of whom a system holds something else than the record's view; only the names of the fields."""

    worker_id: str
    target: SystemName
    fields: tuple[str, ...]


@dataclass(slots=True)
class Comparison:
    """What was compared, and what differs."""

    people: int = 0
    verified: int = 0
    equal: Counter[SystemName] = field(default_factory=Counter)
    unsayable: Counter[tuple[SystemName, str]] = field(default_factory=Counter)
    """Records that a system's words cannot say, by cause; they are dead letters, not differences."""
    differences: list[Difference] = field(default_factory=list)


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Settings as the gateway reads them from these variables."""
    nested: dict[str, Any] = {}
    for name, value in environment.items():
        *path, last = name.removeprefix(_PREFIX).lower().split("__")
        place = nested
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return Settings(**nested)


def compare(environment: Mapping[str, str]) -> Comparison:
    """Compare everybody in the store: whose identity is verified in all systems, the others where nobody waits."""
    return asyncio.run(_compare(settings_of(environment)))


async def _compare(settings: Settings) -> Comparison:
    found = Comparison()
    database = Database(settings.database.url)
    try:
        reader = RecordReader(database, Vault(load_or_create(settings.keys.file)))
        async with _systems(settings) as systems:
            for worker_ids in _pages(database):
                records = [opened.record for opened in reader.read(worker_ids).values()]
                found.people += len(records)
                found.verified += sum(record.identity_verified for record in records)
                await asyncio.gather(*(_one(system, settings, records, found) for system in systems.values()))
    finally:
        database.close()
    return found


@asynccontextmanager
async def _systems(settings: Settings) -> AsyncIterator[dict[SystemName, SystemAdapter]]:
    token = token_source(settings)
    systems = build_systems(settings, token)
    try:
        yield systems
    finally:
        for system in systems.values():
            await system.close()
        await token.close()


def _pages(database: Database) -> Iterator[list[str]]:
    column, last = schema.workers.c.worker_id, None
    while True:
        query = select(column).where(schema.workers.c.version > 0).order_by(column).limit(_PAGE)
        with database.read() as connection:
            page = list(connection.scalars(query if last is None else query.where(column > last)))
        if not page:
            return
        yield page
        last = page[-1]


async def _one(system: SystemAdapter, settings: Settings, records: Sequence[WorkerRecord], found: Comparison) -> None:
    waits = getattr(settings.targets, system.name).waits_for_identity
    said: dict[str, View] = {}
    for record in records:
        if record.identity_verified or not waits:
            try:
                said[record.worker_id] = system.view(record)
            except CannotTranslate as error:
                found.unsayable[system.name, error.cause] += 1
    held = await system.read([system.person_key(view) for view in said.values()])
    for (worker_id, view), over_there in zip(said.items(), held, strict=True):
        differing = _differing(view, over_there)
        if differing:
            found.differences.append(Difference(worker_id, system.name, differing))
        else:
            found.equal[system.name] += 1


def _differing(view: View, held: View | None) -> tuple[str, ...]:
    if held is None:
        return ("(nobody)",)
    return tuple(sorted(name for name in {*view, *held} if view.get(name) != held.get(name)))
