"""Economic activity: answers that cannot be true together. Mẫu số 03 TT 11/2022, questions 11-13; NĐ 318/2025 Đ4."""

from __future__ import annotations

import re
from typing import Final

from contracts.canonical import JsonObject
from contracts.names import unaccented_key
from gateway.quality.facts import Facts, text
from gateway.quality.registry import (
    BOTH_FORMS,
    EMPLOYED,
    FORM_ND318,
    FORM_TT11,
    INACTIVE,
    UNEMPLOYED,
    Hit,
    Outcome,
    rule,
)

_NOT_EMPLOYED: Final = UNEMPLOYED + INACTIVE
_UNEMPLOYMENT: Final = ("unemployment_history", "unemployment_duration", "unemployment_reason")
_JOB: Final = ("employment_status", "job_title", "occupation", "workplace_kind", "workplace_address", "industry")
_EMPLOYER: Final = ("employer_code", "workplace_name", "employer_address")
_STATE: Final = "6"
_ARMED: Final = frozenset({"0", "01", "02", "03"})
# The job's own words, at its beginning: a cook "for the police" is a civilian, a village's "công an viên" is no police.
_ARMED_WORDS: Final = re.compile(
    r"(?:(?:CAN BO|CHIEN SI|CHIEN SY|SI QUAN|SY QUAN|HA SI QUAN) )?"
    r"(?:BO DOI|QUAN DOI|QUAN NHAN|CONG AN(?! VIEN)|CANH SAT|LUC LUONG VU TRANG|BIEN PHONG)\b"
    r"(?! (?:XUAT NGU|PHUC VIEN))"
)


def _filled(situation: JsonObject, fields: tuple[str, ...]) -> Outcome:
    found = tuple(f"situation.{field}" for field in fields if situation.get(field) is not None)
    return (Hit(paths=found),) if found else False


@rule("DUNG-057", "refuse", "situation.occupation", "situation.job_title", activities=EMPLOYED)
def worker_is_of_the_armed_forces_or_police(facts: Facts) -> Outcome:
    situation = facts.situation
    occupation = text(situation.get("occupation"))
    if occupation is not None and (occupation in _ARMED or occupation[:2] in _ARMED):
        return True
    if situation.get("workplace_kind") != _STATE:
        return False
    job = text(situation.get("job_title"))
    return job is not None and _ARMED_WORDS.match(unaccented_key(job)) is not None


@rule("DUNG-030", "warn", activities=EMPLOYED)
def employed_person_answers_on_unemployment(facts: Facts) -> Outcome:
    return _filled(facts.situation, _UNEMPLOYMENT)


@rule("DUNG-031", "warn", activities=_NOT_EMPLOYED)
def person_without_work_describes_a_job(facts: Facts) -> Outcome:
    return _filled(facts.situation, _JOB)


@rule("DUNG-032", "refuse", activities=_NOT_EMPLOYED)
def person_without_work_has_an_employer(facts: Facts) -> Outcome:
    if facts.situation.get("has_contract") is True:
        return (Hit(paths=("situation.activity", "situation.has_contract")),)
    return _filled(facts.situation, _EMPLOYER)


@rule("DUNG-033", "warn", "situation.inactive_reason", activities=EMPLOYED + UNEMPLOYED)
def active_person_gives_a_reason_for_inactivity(facts: Facts) -> Outcome:
    return facts.situation.get("inactive_reason") is not None


@rule("DUNG-034", "warn", activities=INACTIVE)
def inactive_person_answers_on_unemployment(facts: Facts) -> Outcome:
    return _filled(facts.situation, _UNEMPLOYMENT)


@rule("DUNG-046", "warn", "situation.inactive_reason", "basic.birth_date", activities=INACTIVE)
def retired_person_is_young(facts: Facts) -> Outcome:
    limit = facts.settings.retired_age_min
    if facts.situation.get("inactive_reason") != "2" or facts.ages is None or facts.ages[1] >= limit:
        return False
    return (Hit((str(limit),)),)


@rule("DUNG-047", "warn", "situation.inactive_reason", "special.priority_groups", activities=INACTIVE)
def disability_is_a_reason_but_no_special_status(facts: Facts) -> Outcome:
    ticked = facts.special.get("priority_groups")
    if facts.situation.get("inactive_reason") != "4" or "special" not in facts.subject.groups:
        return False
    return not (isinstance(ticked, list) and "1" in ticked)


@rule("DUNG-048", "warn", "situation.inactive_reason", "basic.birth_date", activities=INACTIVE)
def student_is_old(facts: Facts) -> Outcome:
    limit = facts.settings.student_age_max
    if facts.situation.get("inactive_reason") != "1" or facts.ages is None or facts.ages[0] <= limit:
        return False
    return (Hit((str(limit),)),)


@rule("DUNG-060", "warn", "situation.unemployment_history", "situation.unemployment_reason", activities=UNEMPLOYED)
def person_who_never_worked_lost_a_job(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("unemployment_history") == "1" and situation.get("unemployment_reason") in ("2", "3", "4")


_NEVER_WORKED_AGE_MAX: Final = 35


@rule("DUNG-061", "note", "situation.unemployment_history", "situation.unemployment_duration", activities=UNEMPLOYED)
def person_never_worked_for_many_years(facts: Facts) -> Outcome:
    situation = facts.situation
    if situation.get("unemployment_history") != "1" or situation.get("unemployment_duration") != "3":
        return False
    if facts.ages is None or facts.ages[0] <= _NEVER_WORKED_AGE_MAX:
        return False
    return (Hit((str(_NEVER_WORKED_AGE_MAX),)),)


_GRADUATE_AGE_MAX: Final = 40


@rule("DUNG-064", "note", "situation.unemployment_reason", "basic.birth_date", activities=UNEMPLOYED)
def new_graduate_is_old(facts: Facts) -> Outcome:
    if facts.situation.get("unemployment_reason") != "1" or facts.ages is None or facts.ages[0] <= _GRADUATE_AGE_MAX:
        return False
    return (Hit((str(_GRADUATE_AGE_MAX),)),)


@rule("DUNG-062", "note", "needs.job_seeking", forms=FORM_ND318, activities=INACTIVE)
def inactive_person_looks_for_a_job(facts: Facts) -> Outcome:
    # Somebody who wants work and is ready for it is unemployed, not inactive.
    return facts.needs.get("job_seeking") is True


@rule("DUNG-055", "warn", "loai_doanh_nghiep", "situation.workplace_kind", forms=FORM_TT11)
def kind_of_enterprise_without_an_enterprise(facts: Facts) -> Outcome:
    if facts.fields.get("loai_doanh_nghiep") is None:
        return False
    return facts.fields.get("loai_hinh_noi_lam_viec") not in (None, "5")


@rule("DUNG-058", "warn", "situation.employment_status", "situation.workplace_kind", activities=EMPLOYED)
def own_account_worker_in_the_state_sector(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("workplace_kind") == _STATE and situation.get("employment_status") in ("1", "2", "3", "5")


@rule("DUNG-059", "warn", "situation.employment_status", "situation.workplace_kind", activities=EMPLOYED)
def employee_works_as_a_freelancer(facts: Facts) -> Outcome:
    situation = facts.situation
    return situation.get("workplace_kind") == "2" and situation.get("employment_status") in ("1", "4", "5")


@rule("DUNG-070", "warn", "situation.employment_status", "situation.workplace_kind", activities=EMPLOYED)
def cooperative_member_outside_a_cooperative(facts: Facts) -> Outcome:
    kind = facts.situation.get("workplace_kind")
    return facts.situation.get("employment_status") == "5" and kind is not None and kind != "4"


@rule("DUNG-088", "note", "situation.activity", forms=BOTH_FORMS)
def person_is_outside_the_years_survey(facts: Facts) -> Outcome:
    return facts.activity is not None and facts.activity in facts.settings.survey_excludes_activities
