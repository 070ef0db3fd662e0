"""The numbers that identify a person. Luật Căn cước 26/2023 Đ12, TT 07/2016/TT-BCA; QĐ 595/QĐ-BHXH."""

from __future__ import annotations

import re
from typing import Final

from contracts.codelists import load
from contracts.identifiers import PersonalNumber, looks_like_scientific, repair_lost_zero
from gateway.quality.facts import Facts, text
from gateway.quality.registry import Hit, Outcome, rule
from gateway.quality.traits import NO_NUMBER

_PLACES: Final = load("cccd_province_codes").codes
_HEALTH_CARD: Final = re.compile(r"[A-Za-z]{2}\d{13}", re.ASCII)
_INVENTED: Final = frozenset({*(digit * 6 for digit in "123456789"), "123456", "654321"})
_CENTURY: Final = {"0": "19", "1": "19", "2": "20", "3": "20"}
_CMND_ENDED_ON: Final = "2024-12-31"


def _malformed(facts: Facts) -> str | None:
    """The number as given, if it is none."""
    return None if facts.number is not None else text(facts.basic.get("personal_number"))


def _lost_zero(given: str) -> bool:
    return repair_lost_zero(given) is not None


@rule("DUNG-001", "refuse", "basic.personal_number", trait=NO_NUMBER)
def number_is_not_twelve_digits(facts: Facts) -> Outcome:
    given = _malformed(facts)
    if given is None or _lost_zero(given) or looks_like_scientific(given) or _serial_zero(given):
        return False
    return (Hit((str(len(given)),)),)


@rule("DUNG-002", "refuse", "basic.personal_number", trait=NO_NUMBER)
def number_lost_its_leading_zero(facts: Facts) -> Outcome:
    given = _malformed(facts)
    return given is not None and _lost_zero(given)


@rule("DUNG-003", "refuse", "basic.personal_number", trait=NO_NUMBER)
def number_was_rounded_by_a_spreadsheet(facts: Facts) -> Outcome:
    given = _malformed(facts)
    return given is not None and looks_like_scientific(given)


def _serial_zero(given: str) -> bool:
    return len(given) == 12 and given.isascii() and given.isdigit()


@rule("DUNG-004", "refuse", "basic.personal_number", trait=NO_NUMBER)
def serial_of_the_number_is_zero(facts: Facts) -> Outcome:
    given = _malformed(facts)
    return given is not None and _serial_zero(given)


@rule("DUNG-005", "warn", "basic.sex", "basic.personal_number")
def sex_differs_from_the_number(facts: Facts) -> Outcome:
    # A sex corrected by law does not always change the number, so this cannot be a refusal.
    number, sex = facts.number, facts.basic.get("sex")
    return number is not None and sex in ("1", "2") and sex != ("2" if number[3] in "13579" else "1")


@rule("DUNG-006", "warn", "basic.birth_date", "basic.personal_number")
def birth_year_differs_from_the_number(facts: Facts) -> Outcome:
    number, birth_date = facts.number, facts.birth_date
    if number is None or birth_date is None:
        return False
    # The common case without arithmetic: this runs on every statement.
    if birth_date[:4] == _CENTURY.get(number[3], "") + number[4:6]:
        return False
    return int(birth_date[:4]) != PersonalNumber(number).birth_year


@rule("DUNG-007", "warn", "basic.personal_number")
def birth_place_of_the_number_is_unknown(facts: Facts) -> Outcome:
    # Codes of countries exist, but their list is not public.
    return facts.number is not None and facts.number[:3] not in _PLACES


@rule("DUNG-008", "warn", "basic.cmnd", trait=NO_NUMBER)
def only_the_old_number_is_given(facts: Facts) -> Outcome:
    if facts.basic.get("cmnd") is None or facts.basic.get("personal_number") is not None:
        return False
    return facts.subject.declared_on > _CMND_ENDED_ON


@rule("DUNG-009", "refuse", "basic.cmnd")
def old_number_is_not_nine_digits(facts: Facts) -> Outcome:
    given = text(facts.basic.get("cmnd"))
    return given is not None and not (len(given) == 9 and given.isascii() and given.isdigit())


@rule("DUNG-018", "note", "basic.personal_number")
def number_looks_invented(facts: Facts) -> Outcome:
    return facts.number is not None and facts.number[6:] in _INVENTED


@rule("DUNG-016", "refuse", "insurance.social_insurance_number")
def insurance_number_is_not_ten_digits(facts: Facts) -> Outcome:
    given = facts.insurance.get("social_insurance_number")
    if not isinstance(given, str) or (len(given) == 10 and given.isascii() and given.isdigit()):
        return False
    return False if _HEALTH_CARD.fullmatch(given) else (Hit((str(len(given)),)),)


@rule("DUNG-019", "refuse", "insurance.social_insurance_number")
def health_card_number_stands_for_the_insurance_number(facts: Facts) -> Outcome:
    given = facts.insurance.get("social_insurance_number")
    return isinstance(given, str) and len(given) == 15 and _HEALTH_CARD.fullmatch(given) is not None


@rule("DUNG-017", "warn", "insurance.social_insurance_number", "basic.personal_number")
def insurance_number_repeats_the_personal_number(facts: Facts) -> Outcome:
    given = facts.insurance.get("social_insurance_number")
    return facts.number is not None and isinstance(given, str) and len(given) >= 9 and given in facts.number
