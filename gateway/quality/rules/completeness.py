"""Đủ: questions that a form demands and nobody answered. Which ones, and of whom, is the form's own table."""

from __future__ import annotations

from typing import Final

from contracts.entry import FormName, Severity
from contracts.forms import FieldSpec, spec
from gateway.quality.answers import ACTIVITY, answered
from gateway.quality.facts import Facts, text
from gateway.quality.registry import BOTH_FORMS, EMPLOYED, FORM_ND318, Hit, Outcome, rule
from gateway.quality.traits import UNANSWERED


def _demanded(rule_id: str, severity: Severity, tt11: str | None, nd318: str | None = None) -> None:
    """Register the rule "this question is answered by everybody whom the form asks it"."""
    names: dict[FormName, str | None] = {"tt11_mau03": tt11, "nd318": nd318}
    fields: dict[FormName | None, FieldSpec] = {form: spec(form).by_name[name] for form, name in names.items() if name}
    hits = {form: (Hit(paths=(field.name,)),) for form, field in fields.items()}

    first = next(iter(fields.values()))
    asked_of = _asked_of(fields)
    trait = UNANSWERED if asked_of or first.need == "yes" else 0

    @rule(
        rule_id, severity, *(first.records[:1] or (first.name,)), forms=tuple(fields), activities=asked_of, trait=trait
    )
    def question_is_not_answered(facts: Facts) -> Outcome:
        field = fields[facts.form]
        if answered(facts.fields.get(field.name)) or not field.demanded(facts.fields):
            return False
        return hits[facts.form]


def _asked_of(fields: dict[FormName | None, FieldSpec]) -> str | None:
    """The activities of which people are asked, if the question depends on that alone."""
    conditions = [field.when for field in fields.values()]
    codes = [when.values for when in conditions if when is not None and when.field == ACTIVITY]
    return "".join(sorted(frozenset().union(*codes))) if codes and len(codes) == len(conditions) else None


_demanded("DU-001", "refuse", "ho_ten", "ho_ten")
_demanded("DU-002", "refuse", "ngay_sinh", "ngay_sinh")
_demanded("DU-003", "warn", "gioi_tinh", "gioi_tinh")
_demanded("DU-004", "warn", "so_dinh_danh", "so_dinh_danh")
_demanded("DU-005", "warn", "thuong_tru", "thuong_tru")
_demanded("DU-006", "warn", "trinh_do_gdpt", "lop_gdpt")
_demanded("DU-007", "warn", "trinh_do_cmkt", "trinh_do_cmkt")
# Without it the whole situation would be replaced by nothing.
_demanded("DU-008", "refuse", "tinh_trang_hdkt", "tinh_trang_hdkt")
_demanded("DU-009", "warn", "ly_do_khong_tham_gia", "ly_do")
_demanded("DU-010", "warn", "vi_the_viec_lam")
_demanded("DU-011", "warn", "cong_viec_cu_the")
_demanded("DU-012", "warn", "tham_gia_bhxh", "tham_gia_bhxh")
_demanded("DU-013", "warn", "loai_bhxh")
_demanded("DU-014", "warn", "co_hdld", "hdld")
_demanded("DU-015", "warn", "loai_hdld")
_demanded("DU-016", "warn", "ngay_bat_dau_hdld")
_demanded("DU-017", "warn", "noi_lam_viec")
_demanded("DU-018", "warn", "loai_hinh_noi_lam_viec", "loai_hinh")
_demanded("DU-019", "warn", "loai_doanh_nghiep")
_demanded("DU-020", "warn", "dia_chi_noi_lam_viec", "dia_diem_lam_viec")
_demanded("DU-021", "warn", "nguoi_that_nghiep")
_demanded("DU-022", "warn", "thoi_gian_that_nghiep", "thoi_gian_that_nghiep")
_demanded("DU-023", "warn", "dan_toc")
_demanded("DU-024", "warn", None, "nghe_nghiep")
_demanded("DU-025", "warn", None, "nhu_cau")


# What the forms' tables do not say by field: parts of an answer, and what an answer makes one expect.

_HIGHER: Final = frozenset("45678")
_ENTERPRISES: Final = frozenset({"5", "51", "52", "53"})


@rule("DU-027", "note", "education.training_field", forms=BOTH_FORMS)
def field_of_training_is_missing(facts: Facts) -> Outcome:
    return text(facts.education.get("technical_qualification")) in _HIGHER and not facts.education.get("training_field")


@rule("DU-028", "note", "situation.in_industrial_zone", forms=FORM_ND318, activities=EMPLOYED)
def industrial_zone_is_not_answered(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("in_industrial_zone") is None and situation.get("workplace_address") is not None


@rule("DU-029", "note", "situation.employer_code", forms=FORM_ND318, activities=EMPLOYED)
def code_of_an_enterprise_is_missing(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("employer_code") is None and text(situation.get("workplace_kind")) in _ENTERPRISES


@rule("DU-030", "note", "insurance.social_insurance_number", forms=BOTH_FORMS)
def insured_person_gives_no_insurance_number(facts: Facts) -> Outcome:
    insurance = facts.insurance
    return insurance.get("participation") in ("1", "2") and insurance.get("social_insurance_number") is None


@rule("DU-031", "note", "basic.birth_date", forms=BOTH_FORMS)
def birth_date_is_partial(facts: Facts) -> Outcome:
    return facts.birth_date is not None and len(facts.birth_date) < 10


@rule("DU-032", "warn", "situation.contract_kind", forms=FORM_ND318, activities=EMPLOYED)
def kind_of_the_contract_is_missing(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("contract_kind") is None and situation.get("contract_started_on") is not None


@rule("DU-033", "warn", "situation.contract_started_on", forms=FORM_ND318, activities=EMPLOYED)
def start_of_the_contract_is_missing(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("has_contract") is True and situation.get("contract_started_on") is None


@rule("DU-034", "note", "situation.industry", forms=FORM_ND318, activities=EMPLOYED)
def industry_of_an_enterprise_is_missing(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("industry") is None and text(situation.get("workplace_kind")) in _ENTERPRISES


@rule("DU-035", "note", "situation.workplace_name", forms=FORM_ND318, activities=EMPLOYED)
def employer_of_a_contract_is_not_named(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("has_contract") is True and situation.get("workplace_name") is None
