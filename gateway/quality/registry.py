"""The rules by id: each a small pure function over `Facts`, registered where it is defined.

A rule answers False, True (it fires, on the paths it is registered with), or hits of its own. Texts of a rule are data:
`rules.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from contracts.entry import FormName, Severity
from gateway.quality.facts import Facts
from gateway.quality.settings import Family

FORM_TT11: Final[tuple[FormName, ...]] = ("tt11_mau03",)
FORM_ND318: Final[tuple[FormName, ...]] = ("nd318",)
BOTH_FORMS: Final[tuple[FormName, ...]] = ("tt11_mau03", "nd318")
ANY: Final[tuple[FormName | None, ...]] = ("tt11_mau03", "nd318", None)
"""Both forms, and statements of other databases."""

EMPLOYED: Final = "1"
UNEMPLOYED: Final = "2"
INACTIVE: Final = "3"

_FAMILY: Final[dict[str, Family]] = {"DUNG": "correct", "DU": "complete", "SACH": "clean", "SONG": "live"}


class Hit(NamedTuple):
    """One place where a rule fires. `values` are arguments of its message, `paths` None those of the rule.

    A path is `group.field` of the record, or the name of a form's field that the record does not keep.
    """

    values: tuple[str, ...] = ()
    paths: tuple[str, ...] | None = None


Outcome: TypeAlias = bool | tuple[Hit, ...]
Check: TypeAlias = Callable[[Facts], Outcome]


@dataclass(frozen=True, slots=True)
class Rule:
    """`forms`, `activities` and `trait` (of `traits.py`, 0: any) say which statements it judges.

    `activities` is a text of activity codes ("23": unemployed or inactive), None: everybody's.
    """

    id: str
    severity: Severity
    paths: tuple[str, ...]
    check: Check
    forms: tuple[FormName | None, ...] = ANY
    activities: str | None = None
    trait: int = 0

    @property
    def family(self) -> Family:
        return family_of(self.id)

    def concerns(self, form: FormName | None, activity: str | None, traits: int) -> bool:
        """Can the rule fire on such a statement? `activity` None: not a code of the list."""
        if form not in self.forms or self.trait & traits != self.trait:
            return False
        return self.activities is None or (activity or "-") in self.activities


def family_of(rule_id: str) -> Family:
    """The family that the id's prefix names. KeyError for a prefix that is none: a bug."""
    return _FAMILY[rule_id.partition("-")[0]]


RULES: Final[dict[str, Rule]] = {}
"""Filled by importing `gateway.quality.rules`."""


def rule(
    rule_id: str,
    severity: Severity,
    *paths: str,
    forms: Iterable[FormName | None] = ANY,
    activities: str | None = None,
    trait: int = 0,
) -> Callable[[Check], Check]:
    """Register a check under its id; see `Rule`."""

    def register(check: Check) -> Check:
        if rule_id in RULES:
            raise ValueError(f"two rules are called {rule_id}")
        RULES[rule_id] = Rule(rule_id, severity, paths, check, tuple(forms), activities, trait)
        return check

    return register
