"""What people read of a rule."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts.entry import Finding
from gateway.quality import catalogue, render
from gateway.quality.registry import RULES
from tests.unit.quality.test_rules import CASES, NAMES

RESERVED = {f"SACH-10{number}" for number in range(1, 9)} | {"DUNG-101", "SONG-101"}
PLACEHOLDER = re.compile(r"\{(\d)\}")


def test_every_rule_has_a_text_and_every_text_a_rule() -> None:
    assert catalogue().keys() == RULES.keys() | RESERVED
    assert {text.id for text in catalogue().values() if text.elsewhere} == RESERVED


@pytest.mark.parametrize("rule", catalogue())
def test_a_text_is_whole_in_both_languages(rule: str) -> None:
    text = catalogue()[rule]
    assert all((text.title_vi, text.message_vi, text.message_en, text.remedy_vi, text.remedy_en, text.source))
    assert set(PLACEHOLDER.findall(text.message_vi)) == set(PLACEHOLDER.findall(text.message_en))
    assert not PLACEHOLDER.search(text.title_vi + text.remedy_vi + text.remedy_en)
    assert all(said.endswith((".", "?")) for said in (text.message_vi, text.message_en, text.remedy_vi, text.remedy_en))


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("rule", "doubted", "_harmless"), CASES, ids=NAMES)
def test_a_finding_fills_its_message(rule: str, doubted: Any, _harmless: Any, language: Any) -> None:
    finding = doubted.finding(rule)
    message, remedy = render(finding, language)
    assert remedy
    assert not PLACEHOLDER.search(message)
    template = catalogue()[rule].message(language)
    assert len(set(PLACEHOLDER.findall(template))) == len(finding.values)


def test_a_finding_of_a_withdrawn_rule_is_named_by_its_id() -> None:
    assert render(Finding("DUNG-999", "warn"), "vi") == ("DUNG-999", "")


def test_rules_stand_by_family() -> None:
    families = [text.family for text in catalogue().values()]
    assert families == sorted(families, key=["correct", "complete", "clean", "live"].index)
