"""Signed receipts for those who sent: each sender's own, of a batch."""

from __future__ import annotations

from gateway.errors import NotFound
from gateway.permissions import Caller, require
from gateway.security.merkle import path
from gateway.security.sealing import Vault
from gateway.security.signed_receipts import SignedReceipt, Statement, commitment, submitted
from gateway.store.receipt_batches import ReceiptReader, StoredBatch, SubmittedEntry


class SignedReceipts:
    """The room's answers. Its methods block: call them from a worker thread."""

    def __init__(self, reader: ReceiptReader, vault: Vault) -> None:
        self._reader = reader
        self._vault = vault

    def of_batch(self, batch: str, leaf: int | None, reader: Caller) -> list[SignedReceipt]:
        """The reader's own receipts of a batch, or the one at `leaf`. Raises NotPermitted; NotFound, also when the
        batch is there and holds nothing of this sender: whose it is, is nobody else's business."""
        require(reader, "receipts.read")
        found = self._reader.batch(batch)
        if found is None:
            raise NotFound("receipt-not-found")
        wanted = range(len(found.entry_ids)) if leaf is None else range(leaf, min(leaf + 1, len(found.entry_ids)))
        theirs = self._reader.submitted([found.entry_ids[at] for at in wanted], reader.name)
        own = [(at, theirs[found.entry_ids[at]]) for at in wanted if found.entry_ids[at] in theirs]
        if not own:
            raise NotFound("receipt-not-found")
        return [self._signed(found, at, entry, reader.name) for at, entry in own]

    def _signed(self, batch: StoredBatch, leaf: int, entry: SubmittedEntry, sender: str) -> SignedReceipt:
        salt = self._vault.receipt_salt(entry.entry_id)
        content = commitment(salt, submitted(entry.envelope, entry.fields)).hex()
        said = Statement(batch.batch, leaf, sender, entry.received_at, content)
        way = tuple(path(batch.leaves, leaf))
        return SignedReceipt(said, salt, len(batch.leaves), way, batch.key_id, batch.signature)
