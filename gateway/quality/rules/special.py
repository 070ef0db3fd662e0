"""Special status and ethnic group. Mẫu số 03 question 8; NĐ 318/2025 Đ4 group 5."""

from __future__ import annotations

from typing import Final

from gateway.quality.facts import Facts
from gateway.quality.registry import FORM_TT11, Hit, Outcome, rule
from gateway.quality.traits import SPECIAL

_MINORITY: Final = "8"
_KINH: Final = "01"
_FOREIGNER: Final = "55"
_SERVICE: Final = ("6", "7")
_SERVICE_AGE_MIN: Final = 19
"""Called up at 18 for 24 months; a year less, for those who are released early."""


def _ticked(facts: Facts) -> list[object]:
    ticked = facts.special.get("priority_groups")
    return list(ticked) if isinstance(ticked, list) else []


@rule("DUNG-084", "warn", "basic.ethnic_group", "special.priority_groups", trait=SPECIAL)
def kinh_is_ticked_as_a_minority(facts: Facts) -> Outcome:
    return facts.basic.get("ethnic_group") in (_KINH, _FOREIGNER) and _MINORITY in _ticked(facts)


@rule("DUNG-085", "note", "basic.ethnic_group", "special.priority_groups", forms=FORM_TT11)
def minority_is_named_but_not_ticked(facts: Facts) -> Outcome:
    group = facts.basic.get("ethnic_group")
    return group is not None and group not in (_KINH, _FOREIGNER) and _MINORITY not in _ticked(facts)


@rule("DUNG-086", "warn", "special.priority_groups", trait=SPECIAL)
def household_is_poor_and_near_poor(facts: Facts) -> Outcome:
    ticked = facts.special.get("priority_groups")
    return isinstance(ticked, list) and "2" in ticked and "3" in ticked


@rule("DUNG-087", "warn", "special.priority_groups", "basic.birth_date", trait=SPECIAL)
def person_is_too_young_to_have_served(facts: Facts) -> Outcome:
    if facts.ages is None or facts.ages[1] >= _SERVICE_AGE_MIN:
        return False
    served = any(one in _SERVICE for one in _ticked(facts))
    return (Hit((str(_SERVICE_AGE_MIN),)),) if served else False
