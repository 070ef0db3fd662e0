"""The watcher, and the full pass over everything, from a house's parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from contracts.topics import WORKER_CHANGED
from contracts.worker import SystemName
from gateway.clock import Clock
from gateway.propagation.projection import project
from gateway.settings import Settings
from gateway.store.engine import Database
from gateway.stream.port import Consumer, Stream
from gateway.watch.full_pass import FullPass
from gateway.watch.settings import WatchSettings
from gateway.watch.watcher import Watcher
from gateway.wiring.systems import SYSTEMS

if TYPE_CHECKING:
    from gateway.wiring.house import House

GROUP: Final = "watch"


def enabled_targets(settings: Settings) -> list[SystemName]:
    """Those that are sent to at all."""
    return [name for name in SYSTEMS if getattr(settings.targets, name).enabled]


def build_watcher(settings: Settings, stream: Stream, database: Database, clock: Clock, holder: str) -> Watcher:
    """Nothing is opened yet."""

    def consumer() -> Consumer:
        return stream.consumer(GROUP, [WORKER_CHANGED.name])

    return Watcher(consumer, database, clock, holder, enabled_targets(settings), watch_settings(settings))


def watch_settings(settings: Settings) -> WatchSettings:
    """The operator's words in the room's own."""
    return WatchSettings(grace_s=settings.watch.grace_s)


def build_full_pass(house: House) -> FullPass:
    """Over a house whose loops do not run."""

    def consumer(group: str) -> Consumer:
        return house.stream.consumer(group, [WORKER_CHANGED.name])

    def views(worker_ids: Sequence[str]) -> Mapping[tuple[str, str], tuple[int, bytes | None]]:
        opened = house.records.read(list(worker_ids))
        found: dict[tuple[str, str], tuple[int, bytes | None]] = {}
        for name in enabled_targets(house.settings):
            needs = getattr(house.settings.targets, name).waits_for_identity
            for worker_id, one in opened.items():
                wanted = project(house.systems[name], one, needs_verified_identity=needs).wanted
                if wanted.state == "due":
                    found[worker_id, name] = (wanted.version, wanted.hash)
        return found

    targets = enabled_targets(house.settings)
    return FullPass(consumer, house.database, house.clock, targets, views, watch_settings(house.settings))
