"""One slice: at most 256 entries, one transaction, a constant number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from contracts.entry import Receipt
from gateway.errors import Conflict
from gateway.intake.fold import Fold
from gateway.intake.ids import worker_id
from gateway.intake.prepare import Prepared
from gateway.quality import QualitySettings
from gateway.security.sealing import Vault
from gateway.store.intake_rows import NewcomerRow
from gateway.store.intake_slice import Claimed, HeardEntry, IntakeSlice
from gateway.store.intake_store import IntakeStore
from gateway.store.receipts import receipt_from_json


class SliceMoved(Exception):
    """An identifier changed hands between the lock and the look: start the slice again."""


class IndexKeyTurned(Exception):
    """People are found by another key than that of these entries' indexes: index them anew and start again."""

    def __init__(self, index_key: str) -> None:
        super().__init__(index_key)
        self.index_key = index_key


class SliceWriter:
    """Stores one slice and answers its receipts, in order."""

    def __init__(self, store: IntakeStore, vault: Vault, quality: QualitySettings) -> None:
        self._store = store
        self._vault = vault
        self._quality = quality

    def store_slice(self, entries: Sequence[Prepared]) -> list[Receipt]:
        """Receipts for these entries, stored. Raises SliceMoved, IndexKeyTurned, or the database's error: then
        nothing is stored."""
        keys = [entry.key_index for entry in entries if entry.key_index is not None]
        with self._store.slice() as opened:
            _refuse_second_decisions(opened, entries)
            marks = sorted({mark for entry in entries for mark in entry.marks})
            claimed = opened.claim(keys, _newcomers(entries), _indexes(entries), marks)
            if claimed.index_key is not None and any(entry.index_key != claimed.index_key for entry in entries):
                raise IndexKeyTurned(claimed.index_key)
            answers = [_heard_before(entry, claimed.heard) or _erased(entry, claimed.erased) for entry in entries]
            fresh = [entry for entry, answer in zip(entries, answers, strict=True) if answer is None]
            stored = iter(self._store_fresh(opened, fresh, claimed))
        return [answer if answer is not None else next(stored) for answer in answers]

    def _store_fresh(self, opened: IntakeSlice, entries: Sequence[Prepared], claimed: Claimed) -> list[Receipt]:
        if not entries:
            if claimed.newcomers:
                opened.forget()
            return []
        fold = Fold(self._vault, self._quality, claimed.workers, claimed.identifiers, claimed.newcomers)
        receipts = [fold.take(entry) for entry in entries]
        if fold.strangers:
            raise SliceMoved
        opened.finish(fold.rows())
        return receipts


def _indexes(entries: Sequence[Prepared]) -> list[bytes]:
    return sorted({index for entry in entries for index in entry.indexes.values()})


def _newcomers(entries: Sequence[Prepared]) -> list[NewcomerRow]:
    """A claim for each anchor, in case nobody holds it, sorted by index."""
    anchors: dict[bytes, NewcomerRow] = {}
    for entry in entries:
        kind = entry.identity.anchor
        if kind is None or entry.quarantined or entry.says_nothing:
            continue
        index = entry.indexes[kind]
        if index not in anchors:
            anchors[index] = NewcomerRow(kind, index, worker_id(), entry.received_at)
    return [anchors[index] for index in sorted(anchors)]


def _refuse_second_decisions(opened: IntakeSlice, entries: Sequence[Prepared]) -> None:
    decided = [entry.entry_id for entry in entries if entry.submission.decision is not None]
    if decided and len(opened.still_quarantined(decided)) < len(decided):
        raise Conflict("quarantine-already-decided")


def _erased(entry: Prepared, erased: frozenset[bytes]) -> Receipt | None:
    """Whoever was erased does not come back by a feed, an answer or a form: nothing of the entry is stored."""
    if entry.marks.isdisjoint(erased):
        return None
    return Receipt(id=None, state="refused", problem="person-erased", key=entry.submission.key)


def _heard_before(entry: Prepared, heard: Mapping[bytes, HeardEntry]) -> Receipt | None:
    earlier = heard.get(entry.key_index) if entry.key_index is not None else None
    if earlier is None or entry.submission.decision is not None:
        return None
    if earlier.body_digest != entry.body_digest:
        return Receipt(
            id=None, state="refused", problem="key-reused-with-other-body", fields=("key",), key=entry.submission.key
        )
    return replace(receipt_from_json(orjson.loads(earlier.receipt)), key=entry.submission.key)
