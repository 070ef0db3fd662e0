"""Every act that leaves an audit row, and what is told of it: `events.csv`, shown in `ops/audit-events.md`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import orjson


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One row of the catalogue. `fields` are the members of `detail`, every one of them in every row."""

    action: str
    subject: str
    fields: frozenset[str]
    by: str
    meaning_en: str
    meaning_vi: str
    why: str


@cache
def catalogue() -> Mapping[str, AuditEvent]:
    """Every event that there is, by action."""
    text = (resources.files("gateway.audit") / "events.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["action"]: AuditEvent(
            row["action"],
            row["subject"],
            frozenset(row["fields"].split()),
            row["by"],
            row["meaning_en"],
            row["meaning_vi"],
            row["why"],
        )
        for row in rows
    }


_FIELDS: Final = {action: event.fields for action, event in catalogue().items()}


def told(action: str, detail: Mapping[str, object]) -> str:
    """The text for a row's `detail`. KeyError for an action that the catalogue lacks.

    Whoever tells more or less than the catalogue says has a bug, and stops here: a member that nobody listed may be
    what identifies a person.
    """
    assert not _FIELDS[action].symmetric_difference(detail), f"{action} tells {sorted(detail)}"
    return orjson.dumps(dict(detail)).decode()
