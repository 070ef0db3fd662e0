"""What is judged: one statement about one person, as given and as read into the record's groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.entry import FormName
from contracts.worker import Groups
from gateway.quality.settings import QualitySettings


@dataclass(slots=True)
class Subject:
    """`form` None: a statement of another database, of which only the groups present are judged.

    `fields` is the form's payload, `groups` what it maps to. `declared_on` (ISO) is the day the statement speaks of,
    `received_on` the civil day of its arrival.
    """

    form: FormName | None
    fields: Mapping[str, object]
    groups: Groups
    declared_on: str
    received_on: dt.date
    settings: QualitySettings
    collected_on: str | None = None


def future(subject: Subject) -> bool:
    """Does the statement speak of a day to come? Such an entry is refused with problem `future-date`."""
    return subject.declared_on > subject.received_on.isoformat()
