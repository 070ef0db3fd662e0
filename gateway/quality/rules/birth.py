"""Birth date and age on the day of the statement. Luật Việc làm 74/2025 Đ2.1; Mẫu số 03: workers from 15 years on."""

from __future__ import annotations

from contracts.dates import earliest
from gateway.quality.facts import Facts
from gateway.quality.registry import Hit, Outcome, rule
from gateway.quality.traits import ODD_AGE


@rule("DUNG-010", "refuse", "basic.birth_date", trait=ODD_AGE)
def birth_date_cannot_be_read(facts: Facts) -> Outcome:
    return facts.birth_date is None and facts.basic.get("birth_date") is not None


@rule("DUNG-011", "refuse", "basic.birth_date", trait=ODD_AGE)
def birth_lies_after_the_statement(facts: Facts) -> Outcome:
    if facts.ages is None or facts.birth_date is None or facts.declared is None or facts.ages[0] >= 0:
        return False
    return earliest(facts.birth_date) > facts.declared


@rule("DUNG-012", "refuse", "basic.birth_date", trait=ODD_AGE)
def person_is_too_young(facts: Facts) -> Outcome:
    ages, limit = facts.ages, facts.settings.age_min
    return (Hit((str(limit),)),) if ages is not None and 0 <= ages[1] < limit else False


@rule("DUNG-013", "refuse", "basic.birth_date", trait=ODD_AGE)
def age_is_impossible(facts: Facts) -> Outcome:
    ages, limit = facts.ages, facts.settings.age_impossible_above
    return (Hit((str(limit),)),) if ages is not None and ages[0] > limit else False


@rule("DUNG-014", "warn", "basic.birth_date", trait=ODD_AGE)
def age_is_doubtful(facts: Facts) -> Outcome:
    ages, settings = facts.ages, facts.settings
    if ages is None or ages[0] <= settings.age_doubtful_above or ages[0] > settings.age_impossible_above:
        return False
    return (Hit((str(settings.age_doubtful_above),)),)


@rule("DUNG-015", "note", "basic.birth_date", trait=ODD_AGE)
def partial_birth_date_leaves_the_least_age_open(facts: Facts) -> Outcome:
    ages, limit = facts.ages, facts.settings.age_min
    return (Hit((str(limit),)),) if ages is not None and 0 <= ages[0] < limit <= ages[1] else False


@rule("DUNG-020", "refuse", "declared_on")
def day_of_the_statement_is_no_date(facts: Facts) -> Outcome:
    return facts.declared is None
