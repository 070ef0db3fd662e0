"""What many rules ask of a statement, read once: the groups, the person's age, a well-formed number, the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from contracts.canonical import JsonObject
from contracts.dates import age_on, parse_date, parse_partial
from contracts.entry import FormName
from contracts.identifiers import PersonalNumber
from gateway.quality import traits
from gateway.quality.answers import left_empty
from gateway.quality.places import unusual
from gateway.quality.settings import QualitySettings
from gateway.quality.subject import Subject
from gateway.quality.writing import doubtful, has_filler, texts_of_form, texts_of_groups

_EMPTY: Final[JsonObject] = {}
_ACTIVITIES: Final = frozenset("123")
_ASKED_OF_INSURANCE: Final = frozenset({"social_insurance_number", "participation"})
"""What a form asks; whoever says more is another database."""
_DAYS_CACHED_MAX: Final = 4_096
SYLLABLES_MAX: Final = 7
"""Of a name."""


class Facts:
    """Values that do not make sense are None here; the rule that says so looks at the raw one in its group.

    `ages` is (youngest, oldest) in completed years on the day of the statement, as a birth date may be partial.
    """

    __slots__ = (
        "activity",
        "ages",
        "basic",
        "birth_date",
        "contract_started",
        "declared",
        "doubtful_texts",
        "education",
        "fields",
        "form",
        "insurance",
        "name",
        "needs",
        "number",
        "residence",
        "settings",
        "situation",
        "special",
        "subject",
        "texts",
        "traits",
        "unusual_places",
    )

    def __init__(self, subject: Subject) -> None:
        group = subject.groups.get
        self.subject = subject
        self.form: FormName | None = subject.form
        self.fields: Mapping[str, object] = subject.fields
        self.settings: QualitySettings = subject.settings
        self.basic = group("basic", _EMPTY)
        self.residence = group("residence", _EMPTY)
        self.education = group("education", _EMPTY)
        self.situation = group("situation", _EMPTY)
        self.insurance = group("insurance", _EMPTY)
        self.special = group("special", _EMPTY)
        self.needs = group("needs", _EMPTY)
        self.declared = _frequent_day(subject.declared_on)
        self.name = text(self.basic.get("full_name"))
        self.number: str | None = _number(self.basic.get("personal_number"))
        self.birth_date, self.ages = _born(self.basic.get("birth_date"), self.declared)
        started = self.situation.get("contract_started_on")
        self.contract_started = _frequent_day(started) if isinstance(started, str) else None
        self.unusual_places = unusual(self.residence, self.situation, subject.settings.province)
        self.texts = texts_of_groups(subject.groups) if self.form is None else texts_of_form(self.form, self.fields)
        self.doubtful_texts = doubtful(self.texts)
        activity = self.situation.get("activity")
        self.activity: str | None = activity if isinstance(activity, str) and activity in _ACTIVITIES else None
        self.traits = self._traits()

    def _traits(self) -> int:
        ages, settings, contract = self.ages, self.settings, self.situation.get
        found = traits.ODD_TEXT if self.doubtful_texts else 0
        if has_filler(self.texts):
            found |= traits.FILLER
        if self.unusual_places:
            found |= traits.ODD_PLACE
        if self.number is None:
            found |= traits.NO_NUMBER
        if ages is None or ages[0] < settings.age_min or ages[0] > settings.age_doubtful_above:
            found |= traits.ODD_AGE
        if not self.insurance.keys() <= _ASKED_OF_INSURANCE:
            found |= traits.INSURED
        if contract("has_contract") or contract("contract_kind") or contract("contract_started_on") is not None:
            found |= traits.CONTRACT
        if (
            self.name is None
            or not self.name.replace(" ", "").isalpha()
            or not 0 < self.name.count(" ") < SYLLABLES_MAX
        ):
            found |= traits.ODD_NAME
        if self.form is not None and left_empty(self.form, self.activity, self.fields):
            found |= traits.UNANSWERED
        if self.special.get("priority_groups") is not None:
            found |= traits.SPECIAL
        return found


def text(value: object) -> str | None:
    """A text that says something, or None."""
    return value if isinstance(value, str) and value else None


@lru_cache(maxsize=_DAYS_CACHED_MAX)
def _frequent_day(value: str) -> dt.date | None:
    """Days that many statements share; a day of birth is not kept in memory."""
    return read_day(value)


def read_day(value: object) -> dt.date | None:
    """A civil date, or None."""
    if not isinstance(value, str):
        return None
    try:
        return parse_date(value)
    except ValueError:
        return None


def address(group: JsonObject, field: str) -> JsonObject | None:
    """An address of the group that has the shape of one."""
    value = group.get(field)
    return value if isinstance(value, dict) else None


def _born(value: object, on: dt.date | None) -> tuple[str | None, tuple[int, int] | None]:
    """A birth date that can be read, and the ages it allows on a day."""
    if not isinstance(value, str):
        return None, None
    day = read_day(value)
    if day is not None and on is not None:
        age = on.year - day.year - ((on.month, on.day) < (day.month, day.day))
        return value, (age, age)
    try:
        return parse_partial(value), age_on(value, on) if on is not None else None
    except ValueError:
        return None, None


def _number(value: object) -> str | None:
    """The personal number if it is well formed: as `PersonalNumber.parse` says, without an exception when it is not."""
    if not isinstance(value, str):
        return None
    digits = value.strip()
    if len(digits) != PersonalNumber.LENGTH or not digits.isascii() or not digits.isdigit():
        return None
    return None if digits.endswith("000000") else digits
