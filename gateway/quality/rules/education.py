"""Schooling and qualification. Mẫu số 03 questions 9 and 10; NĐ 318/2025 Đ4 group 2."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from gateway.quality.facts import Facts, text
from gateway.quality.registry import Hit, Outcome, rule

_GRADE: Final = re.compile(
    r"(?:l[ớo]p\s*)?(\d{1,2})(?:\s*/\s*(5|7|9|10|12))?|chưa (?:đi học|biết chữ)|mù chữ|không đi học", re.IGNORECASE
)
_GRADE_MAX: Final = 12
_GRADES_CACHED_MAX: Final = 1_024
_UNTRAINED: Final = "1"
_COLLEGE: Final = frozenset("678")
_AGE_MIN: Final = {"6": 19, "7": 20, "8": 22}


@rule("DUNG-049", "refuse", "education.general_education", "education.technical_qualification")
def postgraduate_did_not_finish_primary_school(facts: Facts) -> Outcome:
    education = facts.education
    return education.get("general_education") == "1" and education.get("technical_qualification") in ("7", "8")


@rule("DUNG-050", "warn", "education.general_education", "education.technical_qualification")
def college_graduate_did_not_finish_school(facts: Facts) -> Outcome:
    education = facts.education
    schooling, qualification = education.get("general_education"), education.get("technical_qualification")
    if schooling not in ("1", "2", "3") or text(qualification) not in _COLLEGE:
        return False
    return not (schooling == "1" and qualification in ("7", "8"))


@rule("DUNG-051", "warn", "education.training_field", "education.technical_qualification")
def untrained_person_has_a_field_of_training(facts: Facts) -> Outcome:
    education = facts.education
    return education.get("technical_qualification") == _UNTRAINED and education.get("training_field") is not None


@lru_cache(maxsize=_GRADES_CACHED_MAX)
def _read_grade(grade: str) -> tuple[int, int] | None:
    """(class finished, last class of that school system); (0, 12) for no schooling; None if it cannot be read."""
    found = _GRADE.fullmatch(grade)
    return (int(found[1] or 0), int(found[2] or _GRADE_MAX)) if found else None


@rule("DUNG-052", "warn", "education.general_grade")
def school_grade_cannot_be_read(facts: Facts) -> Outcome:
    grade = text(facts.education.get("general_grade"))
    return grade is not None and _read_grade(grade) is None


@rule("DUNG-053", "warn", "education.general_grade")
def school_grade_is_above_the_last(facts: Facts) -> Outcome:
    grade = text(facts.education.get("general_grade"))
    found = _read_grade(grade) if grade is not None else None
    if found is None or found[0] <= found[1]:
        return False
    return (Hit((str(found[0]), str(found[1]))),)


@rule("DUNG-054", "warn", "education.technical_qualification", "basic.birth_date")
def person_is_too_young_for_the_qualification(facts: Facts) -> Outcome:
    least = _AGE_MIN.get(text(facts.education.get("technical_qualification")) or "")
    if least is None or facts.ages is None or facts.ages[1] >= least:
        return False
    return (Hit((str(least),)),)
