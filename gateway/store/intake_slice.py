"""One slice of entries against the database: the interface that intake folds over, with a writer per dialect.

Promises, the same on both databases (tests/conformance/test_intake_store.py):
- `enrol` makes a person once, however many writers meet the same newcomer at the same time;
- after `lock`, what is read of the locked workers does not change until the slice ends;
- `write` and the commit are one: all rows or none;
- the number of statements does not depend on the number of entries.

What intake itself does is `claim` and `finish` (or `forget`): on PostgreSQL each is one round trip.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from gateway.security.sealing import Vault
from gateway.store import schema
from gateway.store.erasures import known_marks
from gateway.store.index_keys import in_force
from gateway.store.intake_rows import NewcomerRow, SliceRows
from gateway.store.records import SELECT_WORKERS, OpenedWorker, open_worker

IdentifierOwner = tuple[int, str, bytes, str]
"""(row id, kind, index, worker_id) of a current identifier."""


@dataclass(frozen=True, slots=True)
class HeardEntry:
    """An entry stored earlier under the same sender's key."""

    body_digest: bytes
    receipt: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """What was heard before, by sender's key index; and what is so until the slice ends: the newcomers enrolled here,
    anchor index → worker id, the locked workers, and the identifiers concerned."""

    heard: dict[bytes, HeardEntry]
    newcomers: dict[bytes, str]
    workers: dict[str, OpenedWorker]
    identifiers: Sequence[IdentifierOwner]
    erased: frozenset[bytes] = frozenset()
    """Marks of people who were erased and shall not come back."""
    index_key: str | None = None
    """Id of the index key in force until the slice ends; None before the first rotation."""


class IntakeSlice(ABC):
    """One open transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self.connection = connection
        self._vault = vault

    def claim(
        self,
        key_indexes: Sequence[bytes],
        newcomers: Sequence[NewcomerRow],
        indexes: Sequence[bytes],
        marks: Sequence[bytes] = (),
    ) -> Claimed:
        """`heard`; `enrol` those newcomers whom nobody has; `lock` the owners of `indexes`, namesakes left out; and
        *then* `read` and `identifiers`. An owner who came between lock and reading is named by `identifiers` alone.
        """
        heard = self.heard(key_indexes)
        found = self.identifiers(indexes, ())
        owned = {index for _, _, index, _ in found}
        enrolled = self.enrol([row for row in newcomers if row.index not in owned])
        owners = sorted({owner for _, kind, _, owner in found if kind != schema.NAME_BIRTH})
        self.lock(owners)
        claims = {row.index: row.worker_id for row in newcomers if row.index in enrolled}
        erased = frozenset(known_marks(self.connection, marks))
        key_id = in_force(self.connection)
        return Claimed(heard, claims, self.read(owners), self.identifiers(indexes, owners), erased, key_id)

    def forget(self) -> None:
        """Leave nothing behind, claims neither. Nothing may be asked of this slice afterwards."""
        self.connection.rollback()

    def finish(self, rows: SliceRows) -> None:
        """`write` and commit. Nothing may be asked of this slice afterwards."""
        self.write(rows)
        self.connection.commit()

    def heard(self, key_indexes: Sequence[bytes]) -> dict[bytes, HeardEntry]:
        """Sender's key index → the entry stored under it."""
        if not key_indexes:
            return {}
        table = schema.entries
        query = select(table.c.key_index, table.c.body_digest, table.c.receipt)
        return heard_entries(self.connection.execute(query.where(table.c.key_index.in_(key_indexes))))

    @abstractmethod
    def enrol(self, newcomers: Sequence[NewcomerRow]) -> set[bytes]:
        """Claim the anchors of new people, unless someone else already has; returns the indexes claimed here.

        `newcomers` must be sorted by index, so that two slices wait for each other in one direction only. The worker
        rows themselves come with `write`.
        """

    @abstractmethod
    def lock(self, worker_ids: Sequence[str]) -> None:
        """Lock workers, sorted, before anything of theirs is read: a lock and a read in one statement gave the new
        worker with old observations."""

    @abstractmethod
    def write(self, rows: SliceRows) -> None:
        """Write all rows."""

    def still_quarantined(self, entry_ids: Sequence[str]) -> set[str]:
        """Which of these entries nobody has decided yet; they stay so until the slice ends."""
        table = schema.entries
        query = select(table.c.entry_id).where(table.c.entry_id.in_(entry_ids), table.c.state == "quarantined")
        return set(self.connection.execute(query.with_for_update()).scalars())

    def read(self, worker_ids: Sequence[str]) -> dict[str, OpenedWorker]:
        """The locked workers as they stand now; newcomers of this slice are not among them."""
        query = SELECT_WORKERS.where(schema.workers.c.worker_id.in_(worker_ids))
        return {row.worker_id: open_worker(self._vault, row) for row in self.connection.execute(query)}

    def identifiers(self, indexes: Sequence[bytes], worker_ids: Sequence[str]) -> list[IdentifierOwner]:
        """Current identifiers that have one of these indexes or belong to one of these workers."""
        table = schema.worker_identifiers
        columns = select(table.c.id, table.c.kind, table.c.index, table.c.worker_id).where(table.c.valid_to.is_(None))
        # UNION instead of OR: each half uses its own index on both databases.
        query = columns.where(table.c.index.in_(indexes)).union(columns.where(table.c.worker_id.in_(worker_ids)))
        return [(row[0], row[1], bytes(row[2]), row[3]) for row in self.connection.execute(query)]


def heard_entries(rows: Iterable[Sequence[Any]]) -> dict[bytes, HeardEntry]:
    """Rows of (sender's key index, body digest, receipt), by the first."""
    return {bytes(key): HeardEntry(bytes(digest), receipt) for key, digest, receipt in rows}
