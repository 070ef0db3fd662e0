"""Receipts as answers: findings with their message and remedy in the caller's language."""

from __future__ import annotations

from contracts.entry import Finding, Receipt
from contracts.problems import Language
from gateway.api.problems import problem_body, status_of
from gateway.errors import ContractViolated
from gateway.quality.catalogue import RuleText, render


def finding_body(finding: Finding, language: Language) -> dict[str, object]:
    """One finding: which rule, which fields, what is wrong, what to do."""
    message, remedy = render(finding, language)
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "fields": list(finding.fields),
        "message": message,
        "remedy": remedy,
    }


def receipt_body(receipt: Receipt, language: Language) -> dict[str, object]:
    """The receipt; a refused one carries its problem."""
    body: dict[str, object] = {
        "id": receipt.id,
        "state": receipt.state,
        "worker_id": receipt.worker_id,
        "version": receipt.version,
        "findings": [finding_body(finding, language) for finding in receipt.findings],
    }
    if receipt.key is not None:
        body["key"] = receipt.key
    if receipt.proof is not None:
        body["proof"] = {"batch": receipt.proof.batch, "leaf": receipt.proof.leaf}
    if receipt.problem is not None:
        body["problem"] = problem_body(receipt.problem, receipt_status(receipt), language, receipt.fields)
    return body


def receipt_status(receipt: Receipt) -> int:
    """201 for a new version, 200 for nothing new, 202 for an entry that waits for a person, 4xx when refused."""
    if receipt.problem is not None:
        return status_of(ContractViolated(receipt.problem))
    return {"accepted": 201, "unchanged": 200, "quarantined": 202}.get(receipt.state, 422)


def rule_body(text: RuleText, language: Language) -> dict[str, object]:
    """One rule as `lgsp rules list` shows it."""
    return {
        "rule": text.id,
        "family": text.family,
        "severity": text.severity,
        "fields": list(text.paths),
        "title": text.title_vi,
        "message": text.message(language),
        "remedy": text.remedy(language),
        "source": text.source,
    }
