"""Judging a statement: every rule that concerns it, then the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from contracts.entry import Finding, FormName, Severity
from contracts.forms import spec
from gateway.quality import rules
from gateway.quality.facts import Facts
from gateway.quality.registry import RULES, Check, Hit, Outcome, Rule
from gateway.quality.subject import Subject
from gateway.quality.tally import scores_of

OUT_OF_SCOPE_RULE: Final = "DUNG-057"
OUT_OF_SCOPE: Final = "out-of-scope-armed-forces"
_ORDER: Final[dict[Severity, int]] = {"refuse": 0, "warn": 1, "note": 2}
RULE_MODULES: Final = tuple(rules.__all__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`scores` has the keys correct, complete and clean: 0-100, or None where nothing is expected.

    `out_of_scope` is a problem code: the entry must not be stored at all. `keys_doubted`: see `doubts_keys`.
    """

    findings: tuple[Finding, ...]
    scores: dict[str, int | None]
    out_of_scope: str | None = None
    keys_doubted: bool = False

    @property
    def quarantined(self) -> bool:
        """A rule doubts the entry so much that a person must decide. Findings stand in order of severity."""
        return bool(self.findings) and self.findings[0].severity == "refuse"


class _Prepared:
    """A rule with what its finding says on one form, so that a rule that fires builds as little as possible."""

    __slots__ = ("_form", "_plain", "_rule")

    def __init__(self, one: Rule, form: FormName | None) -> None:
        self._form = form
        self._rule = one
        self._plain = Finding(one.id, one.severity, _fields(one.paths, form))

    def findings(self, outcome: Outcome) -> Iterator[Finding]:
        if outcome is True:
            yield self._plain
        elif outcome:
            for hit in outcome:
                yield self._finding(hit)

    def _finding(self, hit: Hit) -> Finding:
        plain = self._plain
        fields = plain.fields if hit.paths is None else _fields(hit.paths, self._form)
        return Finding(plain.rule, plain.severity, fields, hit.values)


def _fields(paths: tuple[str, ...], form: FormName | None) -> tuple[str, ...]:
    """In the words of the form; two paths of one question (its number, old or new) are one field."""
    if form is None:
        return paths
    field_of = spec(form).field_of
    return tuple(dict.fromkeys(field_of(path) or path for path in paths))


@cache
def _concerned(form: FormName | None, activity: str | None, traits: int) -> tuple[tuple[Check, _Prepared], ...]:
    ordered = sorted(RULES.values(), key=lambda one: (_ORDER[one.severity], one.id))
    return tuple((one.check, _Prepared(one, form)) for one in ordered if one.concerns(form, activity, traits))


def judge(subject: Subject) -> Verdict:
    """Every finding on a statement, in order of severity, and its scores. Never raises on what a sender wrote."""
    facts = Facts(subject)
    findings = findings_of(facts)
    out_of_scope = any(one.rule == OUT_OF_SCOPE_RULE for one in findings)
    return Verdict(
        tuple(findings),
        scores_of(facts, findings),
        OUT_OF_SCOPE if out_of_scope else None,
        doubts_keys(facts, findings),
    )


def doubts_keys(facts: Facts, findings: Sequence[Finding]) -> bool:
    """Is there a warning or worse about a number that identifies the person, of which 100 is demanded?"""
    if not findings:
        return False
    keys = set(_fields(facts.settings.identity_keys, facts.form))
    return any(one.severity != "note" and keys.intersection(one.fields) for one in findings)


def findings_of(facts: Facts) -> list[Finding]:
    """What the rules that concern such a statement say of this one, gravest first."""
    findings: list[Finding] = []
    for check, prepared in _concerned(facts.form, facts.activity, facts.traits):
        if outcome := check(facts):
            findings += prepared.findings(outcome)
    return findings
