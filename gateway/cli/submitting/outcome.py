"""What became of one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from contracts.problems import PROBLEMS, Language
from gateway.cli.showing import without_placeholders
from gateway.cli.tables import Fault
from gateway.cli.texts import catalogue, say

ROW_ERROR: Final = "row_error"
STATES: Final = ("accepted", "unchanged", "quarantined", "refused", ROW_ERROR)
GOOD: Final = frozenset({"accepted", "unchanged"})


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding, a problem or a row error, in the sender's language."""

    rule: str
    severity: str
    fields: tuple[str, ...]
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row's result. `state` is the receipt's, or `row_error` when the row was never sent."""

    row: int
    state: str
    key: str = ""
    entry_id: str | None = None
    version: int | None = None
    remarks: tuple[Remark, ...] = ()
    proof: tuple[str, int] | None = None
    """Batch and leaf of the signed receipt."""


def of_receipt(row: int, key: str, receipt: Mapping[str, Any]) -> Outcome:
    """The gateway's answer to the row."""
    state = receipt.get("state")
    found = [_remark(one) for one in receipt.get("findings") or () if isinstance(one, dict)]
    if isinstance(problem := receipt.get("problem"), dict):
        found.append(_of_problem(problem))
    version = receipt.get("version")
    return Outcome(
        row,
        state if state in STATES else "refused",
        key,
        _text(receipt.get("id")) or None,
        version if isinstance(version, int) else None,
        tuple(found),
        proof_of(receipt.get("proof")),
    )


def proof_of(value: object) -> tuple[str, int] | None:
    """Batch and leaf, as a receipt or the journal tells them; None when there are none."""
    if not isinstance(value, dict):
        return None
    batch, leaf = value.get("batch"), value.get("leaf")
    return (batch, leaf) if isinstance(batch, str) and isinstance(leaf, int) else None


def of_faults(row: int, faults: tuple[Fault, ...], lang: Language) -> Outcome:
    """A row that could not be read."""
    return Outcome(row, ROW_ERROR, remarks=tuple(_of_fault(fault, lang) for fault in faults))


def rule_remark(rule: Mapping[str, Any]) -> Remark:
    """A rule as the gateway lists it."""
    general = _remark(rule)
    return replace(general, fields=(), message=without_placeholders(general.message))


def _remark(finding: Mapping[str, Any]) -> Remark:
    fields = finding.get("fields")
    return Remark(
        _text(finding.get("rule")),
        _text(finding.get("severity")),
        tuple(map(str, fields)) if isinstance(fields, list) else (),
        _text(finding.get("message")),
        _text(finding.get("remedy")),
    )


def _of_problem(problem: Mapping[str, Any]) -> Remark:
    fields = problem.get("fields")
    names = tuple(map(str, fields)) if isinstance(fields, list) else ()
    return Remark(
        _text(problem.get("code")), "refuse", names, _text(problem.get("title")), _text(problem.get("detail"))
    )


def _of_fault(fault: Fault, lang: Language) -> Remark:
    if f"remedy.{fault.rule}" in catalogue():
        message, remedy = say(f"fault.{fault.rule}", lang, **fault.values), say(f"remedy.{fault.rule}", lang)
    else:
        known = PROBLEMS[fault.rule]
        message, remedy = known.title(lang), known.remedy(lang)
    return Remark(fault.rule, "refuse", (fault.field,), message, remedy)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
