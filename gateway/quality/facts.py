"""What many rules ask of a statement, read once: the groups, the person's age, a well-formed number, the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, cast

from contracts.canonical import JsonObject
from contracts.dates import age_on, parse_date, parse_partial
from contracts.entry import FormName
from contracts.identifiers import IdentifierInvalid, PersonalNumber
from gateway.quality.settings import QualitySettings
from gateway.quality.subject import Subject

_EMPTY: Final[JsonObject] = {}
_ACTIVITIES: Final = frozenset("123")


class Facts:
    """Values that do not make sense are None here; the rule that says so looks at the raw one in its group.

    `ages` is (youngest, oldest) in completed years on the day of the statement, as a birth date may be partial.
    """

    __slots__ = (
        "activity",
        "ages",
        "basic",
        "birth_date",
        "declared",
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
        self.declared = read_day(subject.declared_on)
        self.name = text(self.basic.get("full_name"))
        self.number = _number(self.basic.get("personal_number"))
        self.birth_date = _partial(self.basic.get("birth_date"))
        self.ages = age_on(self.birth_date, self.declared) if self.birth_date and self.declared else None
        activity = self.situation.get("activity")
        self.activity: str | None = activity if isinstance(activity, str) and activity in _ACTIVITIES else None


def text(value: object) -> str | None:
    """A text that says something, or None."""
    return value if isinstance(value, str) and value else None


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


def _partial(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return parse_partial(value)
    except ValueError:
        return None


def _number(value: object) -> PersonalNumber | None:
    if not isinstance(value, str):
        return None
    try:
        return PersonalNumber.parse(value)
    except IdentifierInvalid:
        return None


def in_record(facts: Facts, path: str) -> object:
    """The value at `group.field`."""
    group, _, field = path.partition(".")
    return cast("Mapping[str, JsonObject]", facts.subject.groups).get(group, _EMPTY).get(field)
