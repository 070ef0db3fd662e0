"""One slice: at most 256 entries, one transaction, a constant number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from contracts.entry import Receipt
from gateway.errors import Conflict
from gateway.golden.match import CMND, CMND_PERSON, PERSONAL_NUMBER, SOCIAL_INSURANCE_NUMBER
from gateway.intake.fold import Fold
from gateway.intake.ids import worker_id
from gateway.intake.prepare import Prepared
from gateway.quality import QualitySettings
from gateway.security.sealing import Vault
from gateway.store.intake_rows import NewcomerRow
from gateway.store.intake_slice import IntakeSlice
from gateway.store.intake_store import HeardEntry, IntakeStore
from gateway.store.receipts import receipt_from_json

# Owners of these may be the person meant, so they are locked and read; a namesake is only remarked upon.
_MATCHING_KINDS = (PERSONAL_NUMBER, CMND_PERSON, CMND, SOCIAL_INSURANCE_NUMBER)


class SliceMoved(Exception):
    """An identifier changed hands between the first look and the lock: start the slice again."""


class SliceWriter:
    """Stores one slice and answers its receipts, in order."""

    def __init__(self, store: IntakeStore, vault: Vault, quality: QualitySettings) -> None:
        self._store = store
        self._vault = vault
        self._quality = quality

    def store_slice(self, entries: Sequence[Prepared]) -> list[Receipt]:
        """Receipts for these entries, stored. Raises SliceMoved, or the database's error: then nothing is stored."""
        heard = self._store.heard([entry.key_index for entry in entries if entry.key_index is not None])
        answers = [_heard_before(entry, heard) for entry in entries]
        fresh = [entry for entry, answer in zip(entries, answers, strict=True) if answer is None]
        stored = iter(self._store_fresh(fresh) if fresh else ())
        return [answer if answer is not None else next(stored) for answer in answers]

    def _store_fresh(self, entries: Sequence[Prepared]) -> list[Receipt]:
        indexes = sorted({index for entry in entries for index in entry.indexes.values()})
        with self._store.slice() as opened:
            _refuse_second_decisions(opened, entries)
            owners = _owners(opened, indexes)
            newcomers = self._enrol(opened, entries, owners)
            candidates = _candidates(entries, owners)
            if candidates:
                opened.lock(candidates)
            workers = opened.read(candidates) if candidates else {}
            identifiers = opened.identifiers(indexes, candidates)
            fold = Fold(self._vault, self._quality, workers, identifiers, newcomers)
            receipts = [fold.take(entry) for entry in entries]
            if fold.strangers:
                raise SliceMoved
            opened.write(fold.rows())
        return receipts

    @staticmethod
    def _enrol(
        opened: IntakeSlice, entries: Sequence[Prepared], owners: Mapping[bytes, Sequence[str]]
    ) -> dict[bytes, str]:
        """Claim the anchors nobody holds. Someone else's claim in the meantime means that the slice has moved."""
        anchors: dict[bytes, NewcomerRow] = {}
        for entry in entries:
            kind = entry.identity.anchor
            if kind is None or entry.quarantined or entry.says_nothing:
                continue
            index = entry.indexes[kind]
            if index not in owners and index not in anchors:
                anchors[index] = NewcomerRow(kind, index, worker_id(), entry.received_at)
        if not anchors:
            return {}
        claimed = opened.enrol([anchors[index] for index in sorted(anchors)])
        if len(claimed) < len(anchors):
            raise SliceMoved
        return {index: row.worker_id for index, row in anchors.items()}


def _refuse_second_decisions(opened: IntakeSlice, entries: Sequence[Prepared]) -> None:
    decided = [entry.entry_id for entry in entries if entry.submission.decision is not None]
    if decided and len(opened.still_quarantined(decided)) < len(decided):
        raise Conflict("quarantine-already-decided")


def _owners(opened: IntakeSlice, indexes: Sequence[bytes]) -> dict[bytes, list[str]]:
    owners: dict[bytes, list[str]] = {}
    for _, _, index, owner in opened.identifiers(indexes, ()):
        owners.setdefault(index, []).append(owner)
    return owners


def _candidates(entries: Sequence[Prepared], owners: Mapping[bytes, Sequence[str]]) -> list[str]:
    found: set[str] = set()
    for entry in entries:
        for kind in _MATCHING_KINDS:
            index = entry.indexes.get(kind)
            if index is not None:
                found.update(owners.get(index, ()))
    return sorted(found)


def _heard_before(entry: Prepared, heard: Mapping[bytes, HeardEntry]) -> Receipt | None:
    earlier = heard.get(entry.key_index) if entry.key_index is not None else None
    if earlier is None or entry.submission.decision is not None:
        return None
    if earlier.body_digest != entry.body_digest:
        return Receipt(
            id=None, state="refused", problem="key-reused-with-other-body", fields=("key",), key=entry.submission.key
        )
    return replace(receipt_from_json(orjson.loads(earlier.receipt)), key=entry.submission.key)
