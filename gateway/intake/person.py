"""One person during a slice: what is held, growing from version v to v+k as the entries of the slice are folded in."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from contracts.worker import GroupName, Groups, Provenance, residence_commune
from gateway.golden.held import HeldStatements
from gateway.golden.match import CMND, NAME_BIRTH, SOCIAL_INSURANCE_NUMBER, Identity, identity_of
from gateway.golden.stored import dump
from gateway.security.sealing import DataKey, Vault
from gateway.store.intake_rows import IdentifierRow, KeyRow, NewWorkerRow, WorkerRow
from gateway.store.records import OpenedWorker

# These follow the present values. A personal number stays: a number changed by law is history, not a mistake.
_FOLLOWING_KINDS = frozenset({CMND, NAME_BIRTH, SOCIAL_INSURANCE_NUMBER})


@dataclass(slots=True)
class Person:
    """A worker in memory, locked in the database or claimed by this slice."""

    worker_id: str
    key: DataKey
    version: int
    held: HeldStatements
    groups: Groups
    provenance: dict[GroupName, Provenance]
    changed_at: str
    """Instant of the last version; `merged_at` also moves when a statement only confirms."""
    merged_at: str = ""
    wrapped: bytes | None = None
    """Set for a newcomer: the key row is written with the slice."""
    entries_seen: int = 0
    entries_merged: int = 0
    said_identity: Identity | None = None
    """What the last entry said of who this is, with its indexes: mostly what is held afterwards too."""
    said_indexes: dict[str, bytes] = field(default_factory=dict)
    scores: dict[str, int | None] = field(default_factory=dict)
    keys_doubted: bool = False

    @classmethod
    def known(cls, opened: OpenedWorker) -> Person:
        """A person as read under the lock."""
        record = opened.record
        return cls(
            record.worker_id,
            opened.key,
            record.version,
            opened.held,
            record.groups,
            record.provenance,
            opened.changed_at,
            scores=dict(opened.scores),
            keys_doubted=opened.keys_doubted,
        )

    @classmethod
    def newcomer(cls, worker_id: str, vault: Vault) -> Person:
        """A person met for the first time, with a key made now."""
        key, wrapped = vault.new_key()
        return cls(worker_id, key, 0, {}, {}, {}, "", wrapped=wrapped)

    @property
    def is_new(self) -> bool:
        """Not in the database before this slice."""
        return self.wrapped is not None

    @property
    def commune(self) -> str | None:
        """The commune that owns the record."""
        return residence_commune(self.groups)

    def key_row(self) -> KeyRow:
        """The newcomer's key."""
        assert self.wrapped is not None, "only a newcomer's key is new"
        return KeyRow(self.key.key_id, self.worker_id, self.wrapped)

    def row(self, now: str) -> WorkerRow:
        """The worker's row after the slice."""
        statements, identity = dump(self.held)
        sealed = self.key.seal(identity, table="workers", row=self.worker_id, fields="identity") if identity else None
        basic = self.provenance.get("basic")
        confirmed = {group: said.confirmed_at for group, said in self.provenance.items()}
        common = (
            self.worker_id,
            self.version,
            statements,
            sealed,
            self.commune,
            basic is not None and basic.verified_at is not None,
            self.scores.get("correct"),
            self.scores.get("complete"),
            self.scores.get("clean"),
            self.keys_doubted,
            self.changed_at,
            orjson.dumps(confirmed).decode(),
        )
        return NewWorkerRow(*common, self.key.key_id, now) if self.is_new else WorkerRow(*common)

    def identifier_changes(
        self, vault: Vault, current: dict[tuple[str, bytes], int], now: str
    ) -> tuple[list[IdentifierRow], list[int]]:
        """(new identifiers, row ids of closed ones). `current`: the person's identifiers as read under the lock."""
        identity = identity_of(self.groups)
        indexes = self.said_indexes
        if identity != self.said_identity:
            indexes = {kind: vault.index(kind, value) for kind, value in identity.values().items()}
        wanted = set(indexes.items())
        fresh = [
            IdentifierRow(kind, index, self.worker_id, now)
            for kind, index in sorted(wanted)
            if (kind, index) not in current
        ]
        closed = [
            row_id
            for (kind, index), row_id in current.items()
            if kind in _FOLLOWING_KINDS and (kind, index) not in wanted
        ]
        return fresh, closed
