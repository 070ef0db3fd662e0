"""Receipts as stored JSON: what was answered once is answered again, word for word."""

from __future__ import annotations

from typing import Any

import orjson

from contracts.entry import Finding, Proof, Receipt


def receipt_to_json(receipt: Receipt) -> str:
    """JSON text without the sender's key, which is stored nowhere in clear."""
    return orjson.dumps(
        {
            "id": receipt.id,
            "state": receipt.state,
            "worker_id": receipt.worker_id,
            "version": receipt.version,
            "findings": [(one.rule, one.severity, one.fields, one.values) for one in receipt.findings],
            "proof": receipt.proof,
        }
    ).decode()


def receipt_from_json(stored: dict[str, Any]) -> Receipt:
    """The inverse of `receipt_to_json`."""
    findings = tuple(
        Finding(rule, severity, tuple(fields), tuple(values)) for rule, severity, fields, values in stored["findings"]
    )
    # Entries from before there were signed receipts have none.
    proof = Proof(**stored["proof"]) if stored.get("proof") else None
    return Receipt(stored["id"], stored["state"], stored["worker_id"], stored["version"], findings, proof=proof)
