"""Each rule fires on what it is about, and is silent on the nearest harmless thing."""

from __future__ import annotations

import pytest

from gateway.quality.registry import RULES
from tests.unit.quality.cases_codes import CODES
from tests.unit.quality.cases_person import PERSON
from tests.unit.quality.cases_situation import COMPLETENESS, SITUATION
from tests.unit.quality.statements import (
    ND318_EMPLOYED,
    ND318_UNEMPLOYED,
    TT11_EMPLOYED,
    TT11_UNEMPLOYED,
    Said,
    database,
    nd318,
    tt11,
)

CASES = [*PERSON, *CODES, *SITUATION, *COMPLETENESS]
NAMES = [f"{rule}-{number}" for number, (rule, _, _) in enumerate(CASES)]


@pytest.mark.parametrize(("rule", "doubted", "_harmless"), CASES, ids=NAMES)
def test_a_rule_fires_on_what_it_is_about(rule: str, doubted: Said, _harmless: Said) -> None:
    finding = doubted.finding(rule)
    assert finding is not None
    assert finding.severity == RULES[rule].severity
    assert finding.fields


@pytest.mark.parametrize(("rule", "_doubted", "harmless"), CASES, ids=NAMES)
def test_a_rule_is_silent_on_the_nearest_harmless_thing(rule: str, _doubted: Said, harmless: Said) -> None:
    assert harmless.finding(rule) is None


def test_every_rule_has_a_case() -> None:
    assert {rule for rule, _, _ in CASES} == RULES.keys()


def test_there_are_at_least_fifty_rules() -> None:
    assert len(RULES) >= 50


@pytest.mark.parametrize(
    "spotless",
    [tt11(TT11_EMPLOYED), tt11(TT11_UNEMPLOYED), nd318(ND318_EMPLOYED), nd318(ND318_UNEMPLOYED), database()],
)
def test_a_statement_without_fault_has_no_finding(spotless: Said) -> None:
    assert spotless.verdict().findings == ()
