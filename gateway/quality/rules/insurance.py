"""Social insurance: participation and insured period. Luật BHXH 41/2024; movement codes as practised (TM, GH, …)."""

from __future__ import annotations

import re
from typing import Final

from contracts.dates import year_of
from gateway.quality.facts import Facts, text
from gateway.quality.registry import EMPLOYED, FORM_TT11, UNEMPLOYED, Hit, Outcome, rule
from gateway.quality.traits import INSURED

_MONTH: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_MOVEMENTS: Final = frozenset({"TM", "GH", "TS", "OF", "KL"})
_MONTHS: Final = ("insured_from", "insured_to")
_FIRST_INSURANCE_AGE: Final = 15


@rule("DUNG-043", "warn", "loai_bhxh", "tham_gia_bhxh", forms=FORM_TT11)
def kind_of_insurance_without_participation(facts: Facts) -> Outcome:
    return facts.fields.get("tham_gia_bhxh") is False and facts.fields.get("loai_bhxh") not in (None, "0")


@rule("DUNG-044", "note", "insurance.participation", "situation.employment_status", activities=EMPLOYED)
def own_account_worker_is_compulsorily_insured(facts: Facts) -> Outcome:
    # Owners of registered household businesses are insured so since 01/7/2025, hence no more than a note.
    return facts.insurance.get("participation") == "1" and facts.situation.get("employment_status") in ("2", "3")


@rule("DUNG-045", "warn", "insurance.participation", "situation.activity", activities=UNEMPLOYED)
def unemployed_person_is_compulsorily_insured(facts: Facts) -> Outcome:
    return facts.insurance.get("participation") == "1"


@rule("DUNG-073", "warn", "insurance.participation", "situation.workplace_kind", activities=EMPLOYED)
def state_employee_is_not_compulsorily_insured(facts: Facts) -> Outcome:
    return facts.situation.get("workplace_kind") == "6" and facts.insurance.get("participation") == "2"


@rule("DUNG-074", "note", "insurance.unemployment_insurance", "insurance.participation", trait=INSURED)
def unemployment_insurance_without_compulsory_insurance(facts: Facts) -> Outcome:
    insurance = facts.insurance
    return insurance.get("unemployment_insurance") is True and insurance.get("participation") in ("0", "2")


def _month(facts: Facts, field: str) -> str | None:
    value = facts.insurance.get(field)
    return value if isinstance(value, str) and _MONTH.fullmatch(value) else None


@rule("DUNG-075", "warn", trait=INSURED)
def insured_month_cannot_be_read(facts: Facts) -> Outcome:
    insurance = facts.insurance
    found = [name for name in _MONTHS if insurance.get(name) is not None and _month(facts, name) is None]
    return tuple(Hit(paths=(f"insurance.{name}",)) for name in found) if found else False


@rule("DUNG-076", "warn", "insurance.insured_from", "insurance.insured_to", trait=INSURED)
def insured_period_ends_before_it_begins(facts: Facts) -> Outcome:
    if facts.insurance.get("insured_to") is None:
        return False
    first, last = _month(facts, "insured_from"), _month(facts, "insured_to")
    return first is not None and last is not None and last < first


@rule("DUNG-077", "warn", "insurance.insured_from", trait=INSURED)
def insured_period_begins_after_the_statement(facts: Facts) -> Outcome:
    if facts.insurance.get("insured_from") is None:
        return False
    first = _month(facts, "insured_from")
    return first is not None and first > facts.subject.declared_on[:7]


@rule("DUNG-078", "warn", "insurance.insured_from", "basic.birth_date", trait=INSURED)
def insured_before_working_age(facts: Facts) -> Outcome:
    if facts.birth_date is None or facts.insurance.get("insured_from") is None:
        return False
    first = _month(facts, "insured_from")
    if first is None or int(first[:4]) - year_of(facts.birth_date) >= _FIRST_INSURANCE_AGE:
        return False
    return (Hit((str(_FIRST_INSURANCE_AGE),)),)


@rule("DUNG-079", "note", "insurance.movement", "insurance.insured_to", trait=INSURED)
def insurance_ended_without_an_end(facts: Facts) -> Outcome:
    return facts.insurance.get("movement") == "GH" and facts.insurance.get("insured_to") is None


@rule("DUNG-080", "warn", "insurance.participation", "insurance.insured_from", trait=INSURED)
def insured_period_is_open_without_participation(facts: Facts) -> Outcome:
    insurance = facts.insurance
    if insurance.get("participation") != "0" or insurance.get("insured_from") is None:
        return False
    return insurance.get("insured_to") is None


@rule("SACH-047", "warn", "insurance.movement", trait=INSURED)
def movement_code_is_unknown(facts: Facts) -> Outcome:
    movement = facts.insurance.get("movement")
    return movement is not None and text(movement) not in _MOVEMENTS
