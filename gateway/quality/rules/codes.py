"""Codes that no list knows, or not on that day. The lists are `contracts/codelists`; their dates `validity.csv`."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from contracts.codelists import load
from contracts.entry import FormName
from contracts.worker import GroupName
from gateway.quality.facts import Facts, text
from gateway.quality.registry import ANY, BOTH_FORMS, EMPLOYED, FORM_ND318, Outcome, rule
from gateway.quality.traits import SPECIAL

_OCCUPATIONS: Final = load("occupation_vsco2020_l1_l2")
_INDUSTRIES: Final = load("vsic2025_l1_l3")
_PRIORITY: Final = load("priority_groups_nd318").codes
_REASONS_ND318: Final = load("inactive_reason_nd318").codes
_OCCUPATION_DIGITS_MAX: Final = 5
_DAYS_CACHED_MAX: Final = 1_024


def _known(
    rule_id: str,
    group: GroupName,
    field: str,
    *lists: str,
    forms: tuple[FormName | None, ...] = ANY,
    activities: str | None = None,
) -> None:
    """Register the rule "the code at group.field is in one of these lists"."""
    codes = frozenset().union(*(load(name).codes for name in lists))

    @rule(rule_id, "refuse", f"{group}.{field}", forms=forms, activities=activities)
    def code_is_unknown(facts: Facts) -> Outcome:
        # An object where a code should be is no code either; a set cannot even be asked about it.
        value = facts.subject.groups.get(group, _NO_VALUES).get(field)
        return value is not None and not (isinstance(value, str) and value in codes)


_NO_VALUES: Final[dict[str, object]] = {}

_known("SACH-020", "basic", "sex", "gender")
_known("SACH-021", "basic", "ethnic_group", "ethnic_groups")
_known("SACH-022", "education", "general_education", "general_education_tt11")
_known("SACH-023", "education", "technical_qualification", "technical_qualification_nd318")
_known("SACH-024", "situation", "activity", "economic_activity_status")
_known("SACH-025", "situation", "inactive_reason", "inactive_reason_tt11", "inactive_reason_nd318")
_known("SACH-026", "situation", "employment_status", "employment_status_tt11")
_known("SACH-028", "situation", "contract_kind", "contract_type")
_known("SACH-029", "situation", "workplace_kind", "workplace_type_nd318", "workplace_type_tt11")
_known("SACH-030", "situation", "industry", "vsic2025_l1_l3")
_known("SACH-031", "situation", "unemployment_history", "unemployment_history")
_known("SACH-032", "situation", "unemployment_duration", "unemployment_duration")
_known("SACH-033", "situation", "unemployment_reason", "unemployment_reason_nd318")
_known("SACH-034", "insurance", "participation", "social_insurance_participation")


def _finer_occupation(value: object) -> bool:
    """A code of level 3 to 5 of QĐ 34/2020, of which our list holds the first two levels."""
    if not isinstance(value, str) or not 2 < len(value) <= _OCCUPATION_DIGITS_MAX:
        return False
    return value.isascii() and value.isdigit() and value[:2] in _OCCUPATIONS.codes


@rule("SACH-027", "refuse", "situation.occupation")
def occupation_code_is_unknown(facts: Facts) -> Outcome:
    value = facts.situation.get("occupation")
    if value is None or (isinstance(value, str) and value in _OCCUPATIONS.codes):
        return False
    return not _finer_occupation(value)


@rule("SACH-043", "note", "situation.occupation", activities=EMPLOYED)
def occupation_code_is_finer_than_the_list(facts: Facts) -> Outcome:
    return _finer_occupation(facts.situation.get("occupation"))


@rule("SACH-035", "refuse", "special.priority_groups", trait=SPECIAL)
def special_status_is_unknown(facts: Facts) -> Outcome:
    ticked = facts.special.get("priority_groups")
    if ticked is None:
        return False
    return not isinstance(ticked, list) or any(not isinstance(one, str) or one not in _PRIORITY for one in ticked)


@rule("SACH-045", "note", "special.priority_groups", forms=BOTH_FORMS, trait=SPECIAL)
def special_status_is_ticked_twice(facts: Facts) -> Outcome:
    ticked = facts.fields.get("doi_tuong_uu_tien" if facts.form == "tt11_mau03" else "dac_thu")
    return isinstance(ticked, list) and len({str(one) for one in ticked}) < len(ticked)


@rule("SACH-041", "warn", "situation.inactive_reason", forms=FORM_ND318, activities="3")
def reason_is_not_one_of_this_form(facts: Facts) -> Outcome:
    reason = facts.situation.get("inactive_reason")
    return reason == "4" and reason not in _REASONS_ND318


@lru_cache(maxsize=_DAYS_CACHED_MAX)
def _ended_or_not_begun(name: str, day: str) -> frozenset[str]:
    """Codes of a list that do not hold on a day; nearly always none."""
    codes = load(name)
    return frozenset(code for code in codes.codes if not codes.valid_on(code, day))


@rule("SACH-040", "warn", "situation.occupation", activities=EMPLOYED)
def occupation_code_does_not_hold_on_that_day(facts: Facts) -> Outcome:
    return text(facts.situation.get("occupation")) in _ended_or_not_begun(_OCCUPATIONS.name, facts.subject.declared_on)


@rule("SACH-048", "warn", "situation.industry", activities=EMPLOYED)
def industry_code_does_not_hold_on_that_day(facts: Facts) -> Outcome:
    return text(facts.situation.get("industry")) in _ended_or_not_begun(_INDUSTRIES.name, facts.subject.declared_on)


@rule("DUNG-068", "warn", "situation.industry", activities=EMPLOYED)
def industry_is_not_at_level_three(facts: Facts) -> Outcome:
    value = facts.situation.get("industry")
    return isinstance(value, str) and len(value) < 3 and value in _INDUSTRIES.codes
