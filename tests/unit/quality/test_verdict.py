"""What a verdict says as a whole, whatever a sender wrote."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.forms import spec
from contracts.problems import PROBLEMS
from contracts.worker import GROUP_MODELS, IDENTIFYING
from gateway.quality import Subject, future, judge, judge_record
from gateway.quality.facts import Facts
from gateway.quality.registry import RULES
from tests.unit.quality.cases_codes import CODES
from tests.unit.quality.cases_person import PERSON
from tests.unit.quality.cases_situation import COMPLETENESS, SITUATION
from tests.unit.quality.statements import HOME, SETTINGS, TT11_UNEMPLOYED, Said, database, nd318, tt11

ALL_CASES = [*PERSON, *CODES, *SITUATION, *COMPLETENESS]
_TODAY = dt.date(2026, 7, 20)
_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["1", "2", "3", "8", "12", "03388", "03391", "2026-07-05", "2026-13", "1960", "1.2E+10", "NguyÔn"]),
    st.text(alphabet="0123456789-/.E+", max_size=14),
)
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _TEXTS)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3))
)
_ADDRESSES = st.fixed_dictionaries({}, optional=dict.fromkeys(("province", "commune", "commune_on", "detail"), _VALUES))
_GROUPS = st.fixed_dictionaries(
    {},
    optional={
        name: st.fixed_dictionaries({}, optional=dict.fromkeys(model.model_fields, st.one_of(_VALUES, _ADDRESSES)))
        for name, model in GROUP_MODELS.items()
    },
)
_DAYS = st.one_of(_TEXTS, st.dates().map(str))


@given(groups=_GROUPS, day=_DAYS)
def test_judging_a_statement_never_raises_and_scores_stay_in_bounds(groups: Any, day: str) -> None:
    verdict = judge(Subject(None, {}, groups, day, _TODAY, SETTINGS))
    stored = judge_record(groups, day, SETTINGS)
    for score in (*verdict.scores.values(), *stored.scores.values()):
        assert score is None or 0 <= score <= 100


@pytest.mark.parametrize("form", ["tt11_mau03", "nd318"])
@given(data=st.data(), groups=_GROUPS, day=_DAYS)
def test_judging_a_form_never_raises(form: Any, data: st.DataObject, groups: Any, day: str) -> None:
    names = [field.name for field in spec(form).fields]
    fields = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, _VALUES)))
    verdict = judge(Subject(form, fields, groups, day, _TODAY, SETTINGS, data.draw(st.one_of(st.none(), _DAYS))))
    assert all(score is None or 0 <= score <= 100 for score in verdict.scores.values())


EVERY_TRAIT = -1


def _fired_without_traits(subject: Subject) -> set[str]:
    """What would be found if every rule were called, whatever the statement's traits."""
    facts = Facts(subject)
    called = [rule for rule in RULES.values() if rule.concerns(facts.form, facts.activity, EVERY_TRAIT)]
    return {rule.id for rule in called if rule.check(facts)}


@pytest.mark.parametrize("said", [said for _, *both in ALL_CASES for said in both])
def test_traits_hide_no_finding_of_a_known_case(said: Said) -> None:
    assert {one.rule for one in said.verdict().findings} == _fired_without_traits(said.subject())


@given(groups=_GROUPS, day=_DAYS)
def test_traits_hide_no_finding_of_any_statement(groups: Any, day: str) -> None:
    subject = Subject(None, {}, groups, day, _TODAY, SETTINGS)
    assert {one.rule for one in judge(subject).findings} == _fired_without_traits(subject)


def _identifying_values(said: Said) -> set[str]:
    groups: Any = said.subject().groups
    whole = {
        value for name, fields in IDENTIFYING.items() for field in fields if (value := groups.get(name, {}).get(field))
    }
    homes = [one for one in groups.get("residence", {}).values() if isinstance(one, dict)]
    return whole | {home["detail"] for home in homes if home.get("detail")}


@pytest.mark.parametrize("said", [doubted for _, doubted, _ in ALL_CASES])
def test_a_finding_never_repeats_what_identifies_a_person(said: Said) -> None:
    secret = _identifying_values(said)
    told = {value for finding in said.verdict().findings for value in finding.values}
    assert told.isdisjoint(secret)


def test_findings_name_the_forms_own_fields() -> None:
    finding = tt11(gioi_tinh="1").finding("DUNG-005")
    assert finding is not None
    assert finding.fields == ("gioi_tinh", "so_dinh_danh")


def test_findings_on_another_database_name_the_records_paths() -> None:
    finding = database(basic={"sex": "1"}).finding("DUNG-005")
    assert finding is not None
    assert finding.fields == ("basic.sex", "basic.personal_number")


def test_the_gravest_finding_comes_first() -> None:
    said = tt11(on="2026-01-01", gioi_tinh="1", so_dinh_danh="999194000123", ngay_sinh="hôm qua")
    severities = [finding.severity for finding in said.verdict().findings]
    assert severities == sorted(severities, key=["refuse", "warn", "note"].index)
    assert len(set(severities)) == 3


def test_a_refusal_quarantines_and_a_warning_does_not() -> None:
    assert tt11(so_dinh_danh="12194000123").verdict().quarantined
    assert not tt11(gioi_tinh="1").verdict().quarantined


def test_the_armed_forces_are_out_of_scope_and_others_are_not() -> None:
    assert nd318(nghe_nghiep="01").verdict().out_of_scope == "out-of-scope-armed-forces"
    assert nd318().verdict().out_of_scope is None
    assert "out-of-scope-armed-forces" in PROBLEMS


def test_the_scope_of_a_survey_is_a_setting() -> None:
    said = tt11(TT11_UNEMPLOYED)
    narrow = dataclasses.replace(SETTINGS, survey_excludes_activities=("2",))
    assert said.finding("DUNG-088") is None
    assert dataclasses.replace(said, settings=narrow).finding("DUNG-088") is not None


@pytest.mark.parametrize(("declared_on", "expected"), [("2026-07-21", True), ("2026-07-20", False)])
def test_a_statement_of_tomorrow_is_of_the_future(declared_on: str, expected: bool) -> None:
    assert future(Subject(None, {}, {}, declared_on, _TODAY, SETTINGS)) is expected


def test_an_old_commune_code_is_answered_with_the_new_one() -> None:
    finding = tt11(thuong_tru={**HOME, "ma_xa": "03391"}).finding("SACH-038")
    assert finding is not None
    assert finding.values[0] == "03391"
    assert finding.values[1] != "03391"


def test_a_statement_of_another_database_is_not_asked_for_what_it_does_not_say() -> None:
    verdict = database().verdict()
    assert verdict.scores["complete"] is None
    assert verdict.findings == ()
