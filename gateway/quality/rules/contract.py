"""Labour contract and employer. Bộ luật Lao động 45/2019 Đ20 (36 months), Luật BHXH 41/2024 Đ2 (from one month on)."""

from __future__ import annotations

import re
from typing import Final

from contracts.dates import earliest
from gateway.quality.facts import Facts, text
from gateway.quality.registry import EMPLOYED, FORM_TT11, Hit, Outcome, rule
from gateway.quality.traits import CONTRACT

_OWN: Final = frozenset({"1", "2", "3"})
_EMPLOYEE: Final = "4"
_HOUSEHOLDS: Final = frozenset({"1", "2", "3", "10"})
_COMPULSORY_FROM: Final = "2025-07-01"
_PENSION_AGE: Final = 60
_MONTH_DAYS: Final = 30
_TERM_DAYS: Final = 3 * 365 + 1
_TAX_CODE: Final = re.compile(r"\d{10}(?:-?\d{3})?", re.ASCII)
_PERSONAL: Final = re.compile(r"\d{12}", re.ASCII)


@rule("DUNG-035", "warn", "situation.employment_status", "situation.has_contract", activities=EMPLOYED, trait=CONTRACT)
def own_account_worker_has_a_contract(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("has_contract") is True and text(situation.get("employment_status")) in _OWN


@rule("DUNG-036", "warn", "insurance.participation", "situation.has_contract", activities=EMPLOYED, trait=CONTRACT)
def contract_without_compulsory_insurance(facts: Facts) -> Outcome:
    situation, participation = facts.situation, facts.insurance.get("participation")
    if situation.get("has_contract") is not True or participation not in ("0", "2"):
        return False
    if text(situation.get("employment_status")) in _OWN or facts.subject.declared_on < _COMPULSORY_FROM:
        return False
    if facts.ages is not None and facts.ages[1] >= _PENSION_AGE:  # a pensioner who works is not insured again
        return False
    return _lasted(facts, _MONTH_DAYS)


def _lasted(facts: Facts, days: int) -> bool:
    started = facts.contract_started
    return started is not None and facts.declared is not None and (facts.declared - started).days >= days


@rule("DUNG-037", "warn", "situation.contract_started_on", activities=EMPLOYED, trait=CONTRACT)
def contract_starts_after_the_statement(facts: Facts) -> Outcome:
    started = facts.contract_started
    return started is not None and facts.declared is not None and started > facts.declared


@rule("DUNG-038", "warn", "situation.contract_started_on", "basic.birth_date", activities=EMPLOYED, trait=CONTRACT)
def contract_started_before_working_age(facts: Facts) -> Outcome:
    started, limit = facts.contract_started, facts.settings.age_min
    if started is None or facts.birth_date is None or started.year - int(facts.birth_date[:4]) > limit:
        return False
    born = earliest(facts.birth_date)
    age = started.year - born.year - ((started.month, started.day) < (born.month, born.day))
    return (Hit((str(limit),)),) if age < limit else False


@rule("DUNG-039", "warn", "situation.contract_started_on", trait=CONTRACT)
def start_of_the_contract_cannot_be_read(facts: Facts) -> Outcome:
    return facts.situation.get("contract_started_on") is not None and facts.contract_started is None


@rule(
    "DUNG-040", "note", "situation.contract_kind", "situation.contract_started_on", activities=EMPLOYED, trait=CONTRACT
)
def definite_term_runs_too_long(facts: Facts) -> Outcome:
    return facts.situation.get("contract_kind") == "1" and _lasted(facts, _TERM_DAYS)


@rule("DUNG-041", "warn", "situation.has_contract", "situation.contract_kind", activities=EMPLOYED, trait=CONTRACT)
def contract_is_described_but_denied(facts: Facts) -> Outcome:
    situation = facts.situation
    if situation.get("has_contract") is not False:
        return False
    return situation.get("contract_kind") not in (None, "0") or situation.get("contract_started_on") is not None


@rule("DUNG-042", "warn", "loai_hdld", "co_hdld", forms=FORM_TT11, activities=EMPLOYED, trait=CONTRACT)
def contract_is_said_to_be_none(facts: Facts) -> Outcome:
    return facts.situation.get("has_contract") is True and facts.situation.get("contract_kind") == "0"


@rule("DUNG-071", "warn", "situation.has_contract", "situation.workplace_kind", activities=EMPLOYED, trait=CONTRACT)
def freelancer_has_a_contract(facts: Facts) -> Outcome:
    return facts.situation.get("has_contract") is True and facts.situation.get("workplace_kind") == "2"


@rule("DUNG-072", "note", "situation.has_contract", "situation.employment_status", activities=EMPLOYED)
def employee_of_the_state_has_no_contract(facts: Facts) -> Outcome:
    situation = facts.situation
    if situation.get("has_contract") is not False or situation.get("workplace_kind") not in ("51", "53"):
        return False
    return situation.get("employment_status") in (None, _EMPLOYEE)


@rule("DUNG-065", "warn", "situation.employer_code", activities=EMPLOYED)
def employer_code_is_no_tax_code(facts: Facts) -> Outcome:
    code = facts.situation.get("employer_code")
    if code is None or (isinstance(code, str) and _TAX_CODE.fullmatch(code)):
        return False
    # Households and individuals use the owner's personal number as tax code since 01/7/2025.
    household = text(facts.situation.get("workplace_kind")) in _HOUSEHOLDS
    return not (household and isinstance(code, str) and _PERSONAL.fullmatch(code) is not None)


@rule("DUNG-067", "warn", "situation.employer_code", "basic.personal_number", activities=EMPLOYED)
def employer_code_is_the_workers_own_number(facts: Facts) -> Outcome:
    code = facts.situation.get("employer_code")
    own = code is not None and code in (facts.number, facts.insurance.get("social_insurance_number"))
    return own and text(facts.situation.get("employment_status")) not in _OWN
