"""Deadlines, and what is said to remain of them."""

from __future__ import annotations

import datetime as dt

import pytest

from gateway.register.deadlines import Remaining, of_incident, of_request, remaining


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+07:00")


def test_an_incident_is_told_within_72_hours_also_over_tet() -> None:
    assert of_incident(at("2026-02-14T09:30")) == at("2026-02-17T09:30")


def test_both_deadlines_of_a_request_count_from_its_receipt() -> None:
    due = of_request(at("2026-04-24T08:00"))
    assert (due.acknowledge_due_at, due.close_due_at) == (at("2026-04-30T00:00"), at("2026-05-14T00:00"))
    assert due.calendar == "announced"


def test_the_day_of_receipt_is_vietnams() -> None:
    """23:30 in UTC of Sunday is Monday morning here."""
    due = of_request(dt.datetime(2026, 7, 5, 23, 30, tzinfo=dt.UTC))
    assert due.acknowledge_due_at == at("2026-07-09T00:00")


def test_a_deadline_into_a_year_that_is_not_announced_says_so() -> None:
    assert of_request(at("2026-12-28T08:00")).calendar == "computed"
    assert of_request(at("2027-12-28T08:00")).calendar == "fixed"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-07-03T09:00", Remaining(False, 2, "working_days")),
        ("2026-07-05T09:00", Remaining(False, 2, "working_days")),
        ("2026-07-06T23:59", Remaining(False, 1, "working_days")),
        ("2026-07-07T23:59", Remaining(False, 0, "working_days")),
        ("2026-07-08T00:00", Remaining(True, 1, "hours")),
        ("2026-07-08T03:00", Remaining(True, 3, "hours")),
        ("2026-07-08T03:01", Remaining(True, 4, "hours")),
        ("2026-07-10T00:00", Remaining(True, 2, "days")),
    ],
)
def test_what_remains_until_the_end_of_the_seventh(now: str, expected: Remaining) -> None:
    assert remaining(at("2026-07-08T00:00"), at(now), in_working_days=True) == expected


def test_hours_left_are_rounded_down() -> None:
    due = at("2026-07-08T00:00")
    assert remaining(due, at("2026-07-07T19:01"), in_working_days=False) == Remaining(False, 4, "hours")
