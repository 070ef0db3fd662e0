"""The receipts that one commit signs: a leaf for each form, one signature for all."""

from __future__ import annotations

from uuid import UUID

import orjson

from contracts.entry import Proof
from gateway.intake.ids import EntryIds
from gateway.intake.prepare import Prepared
from gateway.security.merkle import root
from gateway.security.sealing import Vault
from gateway.security.signed_receipts import Statement, commitment, root_message, submitted
from gateway.store.intake_rows import ReceiptBatchRow

_BATCH_IDS = EntryIds()


class ReceiptBatch:
    """Gathers the leaves of one slice."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._id = _BATCH_IDS.new()
        self._signed_at = ""
        self._leaves: list[bytes] = []
        self._entry_ids: list[bytes] = []

    def add(self, entry: Prepared) -> Proof | None:
        """The leaf of an entry that is stored. What another database told needs no receipt: nobody would keep it."""
        if entry.form is None:
            return None
        salt = self._vault.receipt_salt(entry.entry_id)
        content = commitment(salt, submitted(orjson.loads(entry.envelope), entry.payload))
        proof = Proof(self._id, len(self._leaves))
        said = Statement(proof.batch, proof.leaf, entry.submission.sender, entry.received_at, content.hex())
        self._leaves.append(said.hash())
        self._entry_ids.append(UUID(entry.entry_id).bytes)
        self._signed_at = entry.received_at
        return proof

    def rows(self) -> list[ReceiptBatchRow]:
        """The batch, signed; nothing when it has no leaf."""
        if not self._leaves:
            return []
        signer = self._vault.audit_signer
        message = root_message(self._id, len(self._leaves), root(self._leaves))
        leaves, entry_ids = b"".join(self._leaves), b"".join(self._entry_ids)
        return [ReceiptBatchRow(self._id, self._signed_at, leaves, entry_ids, signer.key_id, signer.sign(message))]
