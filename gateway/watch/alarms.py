"""The watcher's alarms by name: each says that something that was accepted is not where it should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from gateway.store.watch_gaps import GapRow

Stage: TypeAlias = Literal["store", "topic", "target"]
Alarm: TypeAlias = Literal[
    "watch.gap-in-store",
    "watch.not-published",
    "watch.relay-behind",
    "watch.missing-on-topic",
    "watch.out-of-order",
    "watch.wrong-bytes",
    "watch.wrong-key",
    "watch.wrong-partition",
    "watch.unknown-record",
    "watch.target-missing",
    "watch.target-behind",
    "watch.target-stale",
]
STAGES: Final[Mapping[Alarm, Stage]] = {
    "watch.gap-in-store": "store",
    "watch.not-published": "store",
    "watch.relay-behind": "topic",
    "watch.missing-on-topic": "topic",
    "watch.out-of-order": "topic",
    "watch.wrong-bytes": "topic",
    "watch.wrong-key": "topic",
    "watch.wrong-partition": "topic",
    "watch.unknown-record": "topic",
    "watch.target-missing": "target",
    "watch.target-behind": "target",
    "watch.target-stale": "target",
}
FROM_RECORDS: Final[tuple[Alarm, ...]] = (
    "watch.missing-on-topic",
    "watch.out-of-order",
    "watch.wrong-bytes",
    "watch.wrong-key",
    "watch.wrong-partition",
    "watch.unknown-record",
)
"""Seen once, while the topic is read; only a full pass can say that they are mended."""
FROM_PEOPLE: Final[tuple[Alarm, ...]] = (
    "watch.gap-in-store",
    "watch.not-published",
    "watch.target-missing",
    "watch.target-stale",
)
"""Looked for anew in every round of all people: what is not found again is mended."""
STANDING_STILL: Final[tuple[Alarm, ...]] = ("watch.relay-behind", "watch.target-behind")
"""Something has stood still for longer than the grace; over as soon as it moves."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is not where it should be. Nothing in it identifies a person but the worker id."""

    alarm: Alarm
    worker_id: str | None = None
    version: int | None = None
    target: str | None = None
    detail: str = ""

    @property
    def subject(self) -> str:
        """What it is about: two gaps with one subject under one name are the same gap."""
        parts = (self.worker_id, None if self.version is None else str(self.version), self.target)
        return "/".join(part for part in parts if part is not None) or self.detail[:96]

    def row(self, at: str) -> GapRow:
        """As stored."""
        return GapRow(self.alarm, self.subject, self.worker_id, self.version, self.target, at, self.detail)
