"""What a sender is told of an entry about somebody of another unit: that it was taken, and nothing of what we hold.

Otherwise whoever may submit could find out, by submitting, who has a record, where, and whether a number is somebody's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from contracts.entry import Receipt
from gateway.permissions import Caller

COMPARING: Final = frozenset({"SACH-101", "SACH-102", "SACH-103", "SACH-104", "SACH-105", "SACH-108"})
"""Rules that hold an entry against records: what they find tells of people who may be another unit's."""


def sighted(receipts: Sequence[Receipt], caller: Caller, communes: Mapping[str, str | None]) -> list[Receipt]:
    """The receipts as this caller may see them. `communes`: worker id -> the commune that the person belongs to now."""
    if caller.commune is None:
        return list(receipts)
    return [_sighted(one, caller, communes) for one in receipts]


def _sighted(receipt: Receipt, caller: Caller, communes: Mapping[str, str | None]) -> Receipt:
    if receipt.worker_id is not None:
        return receipt if caller.sees(communes.get(receipt.worker_id)) else neutral(receipt)
    kept = tuple(finding for finding in receipt.findings if finding.rule not in COMPARING)
    return replace(receipt, findings=kept)


def neutral(receipt: Receipt) -> Receipt:
    """Accepted, without ids, version or findings: whether anything is new is not said either.

    The proof stays: what is signed is that the entry was taken, not what became of it.
    """
    return Receipt(id=None, state="accepted", key=receipt.key, proof=receipt.proof)
