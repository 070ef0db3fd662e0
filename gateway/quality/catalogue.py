"""What the rules say to people: titles, messages and remedies in both languages, and the source of each rule."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from contracts.entry import Finding, Severity
from contracts.problems import Language
from gateway.quality.registry import RULES, family_of
from gateway.quality.settings import Family
from gateway.quality.verdict import RULE_MODULES

_FAMILY_ORDER: Final[dict[Family, int]] = {"correct": 0, "complete": 1, "clean": 2, "live": 3}


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule as people read it. `elsewhere`: it compares with what is stored, so another room reports it.

    `paths` are the record's (`group.field`), or fields that only the form or the entry has. `{0}`, `{1}` in a message
    stand for the values of a finding.
    """

    id: str
    family: Family
    severity: Severity
    paths: tuple[str, ...]
    title_vi: str
    message_vi: str
    message_en: str
    remedy_vi: str
    remedy_en: str
    source: str
    elsewhere: bool

    def message(self, lang: Language, values: tuple[str, ...] = ()) -> str:
        """The message with its values; one that is missing stays a placeholder, so that old findings still render."""
        text = self.message_vi if lang == "vi" else self.message_en
        for place, value in enumerate(values):
            text = text.replace(f"{{{place}}}", value)
        return text

    def remedy(self, lang: Language) -> str:
        """What to do."""
        return self.remedy_vi if lang == "vi" else self.remedy_en


@cache
def catalogue() -> Mapping[str, RuleText]:
    """Every rule by id, by family and number."""
    assert RULE_MODULES, "importing the rules registers them"
    rows = tomllib.loads(resources.files(__package__).joinpath("rules.toml").read_text(encoding="utf-8"))
    texts = [_text(rule_id, row) for rule_id, row in rows.items()]
    return MappingProxyType({text.id: text for text in sorted(texts, key=_order)})


def render(finding: Finding, lang: Language) -> tuple[str, str]:
    """(message, remedy). A rule that has since been withdrawn is named by its id: stored findings outlive rules."""
    text = catalogue().get(finding.rule)
    return (text.message(lang, finding.values), text.remedy(lang)) if text else (finding.rule, "")


def _text(rule_id: str, row: dict[str, Any]) -> RuleText:
    elsewhere = row.pop("elsewhere", None)
    if elsewhere is None:
        rule = RULES[rule_id]
        severity, paths = rule.severity, rule.paths
    else:
        severity, paths = elsewhere["severity"], tuple(elsewhere["paths"])
    return RuleText(
        id=rule_id,
        family=family_of(rule_id),
        severity=severity,
        paths=paths,
        elsewhere=elsewhere is not None,
        **row,
    )


def _order(text: RuleText) -> tuple[int, str]:
    return _FAMILY_ORDER[text.family], text.id
