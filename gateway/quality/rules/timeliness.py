"""Sống: is the statement recent, and on a form that held on its day? TT 11 to 31/12/2025, NĐ 318 from 01/01/2026."""

from __future__ import annotations

import datetime as dt
from typing import Final

from gateway.quality.facts import Facts, read_day
from gateway.quality.registry import BOTH_FORMS, FORM_ND318, FORM_TT11, Hit, Outcome, rule

_ND318_FROM: Final = "2026-01-01"


def _months_between(earlier: dt.date, later: dt.date) -> int:
    """Whole months."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month - (later.day < earlier.day)


@rule("SONG-001", "warn", "declared_on")
def statement_is_old_on_arrival(facts: Facts) -> Outcome:
    months = facts.settings.stale_after_months
    if facts.declared is None or _months_between(facts.declared, facts.subject.received_on) < months:
        return False
    return (Hit((str(months),)),)


@rule("SONG-002", "warn", "collected_on", "declared_on", forms=BOTH_FORMS)
def form_was_collected_before_it_was_declared(facts: Facts) -> Outcome:
    collected = facts.subject.collected_on
    return collected is not None and collected < facts.subject.declared_on


@rule("SONG-003", "note", "collected_on", "declared_on", forms=BOTH_FORMS)
def form_was_collected_long_after_it_was_declared(facts: Facts) -> Outcome:
    collected, days = read_day(facts.subject.collected_on), facts.settings.collection_days_max
    if collected is None or facts.declared is None or (collected - facts.declared).days <= days:
        return False
    return (Hit((str(days),)),)


@rule("SONG-004", "warn", "declared_on", forms=FORM_ND318)
def form_was_not_yet_in_force(facts: Facts) -> Outcome:
    return facts.subject.declared_on < _ND318_FROM


@rule("SONG-005", "note", "declared_on", forms=FORM_TT11)
def form_belongs_to_a_programme_that_ended(facts: Facts) -> Outcome:
    return facts.subject.declared_on >= _ND318_FROM


@rule("SONG-006", "note", "ngay_khai", "declared_on", forms=FORM_TT11)
def signature_bears_another_day(facts: Facts) -> Outcome:
    signed = facts.fields.get("ngay_khai")
    return signed is not None and signed != facts.subject.declared_on


@rule("SONG-007", "warn", "collected_on", forms=BOTH_FORMS)
def form_was_collected_after_it_arrived(facts: Facts) -> Outcome:
    collected = facts.subject.collected_on
    return collected is not None and collected > facts.subject.received_on.isoformat()
