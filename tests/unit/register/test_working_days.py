"""Working days: against a slow count of its own, and by the calendars that were announced."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.register.holidays import calendar_of, days_off
from gateway.register.working_days import add_working_days, end_of, is_working_day, working_days_between

# Written out by hand from the calendar of 2026 as it was announced, with the days that make up for Sundays.
OFF_2026: Final = {
    *(dt.date(2026, 1, 1), dt.date(2026, 4, 27), dt.date(2026, 4, 30), dt.date(2026, 5, 1)),
    *(dt.date(2026, 2, day) for day in range(16, 21)),
    *(dt.date(2026, 9, 1), dt.date(2026, 9, 2)),
}
IN_2026: Final = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 1))
ANY_DAY: Final = st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1))


def slow_works(day: dt.date) -> bool:
    return day.strftime("%a") not in ("Sat", "Sun") and day not in OFF_2026


def slow_add(day: dt.date, count: int) -> dt.date:
    while count > 0:
        day = dt.date.fromordinal(day.toordinal() + 1)
        count -= slow_works(day)
    return day


@given(IN_2026)
def test_a_day_works_when_the_calendar_on_the_wall_says_so(day: dt.date) -> None:
    assert is_working_day(day) == slow_works(day)


@given(IN_2026, st.integers(0, 15))
def test_counting_on_is_what_a_finger_on_the_calendar_counts(day: dt.date, count: int) -> None:
    assert add_working_days(day, count) == slow_add(day, count)


@given(IN_2026, st.integers(0, 60))
def test_between_two_days_lie_as_many_as_are_counted_one_by_one(day: dt.date, span: int) -> None:
    end = day + dt.timedelta(days=span)
    days = [dt.date.fromordinal(one) for one in range(day.toordinal() + 1, end.toordinal() + 1)]
    assert working_days_between(day, min(end, dt.date(2026, 12, 31))) == sum(
        slow_works(one) for one in days if one.year == 2026
    )


@given(ANY_DAY, st.integers(1, 30))
def test_counting_on_and_counting_back_agree_in_any_year(day: dt.date, count: int) -> None:
    end = add_working_days(day, count)
    assert is_working_day(end)
    assert working_days_between(day, end) == count
    assert working_days_between(day, end - dt.timedelta(days=1)) == count - 1


@given(ANY_DAY, ANY_DAY)
def test_who_begins_later_is_never_done_earlier(one: dt.date, other: dt.date) -> None:
    first, second = sorted((one, other))
    assert add_working_days(first, 10) <= add_working_days(second, 10)


@pytest.mark.parametrize(
    ("received_on", "count", "due_on"),
    [
        # Over Tết 2026: offices are closed from Saturday 14 to Sunday 22 February.
        ("2026-02-12", 2, "2026-02-23"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-16", 2, "2026-02-24"),
        ("2026-02-12", 10, "2026-03-05"),
        # Giỗ Tổ on Sunday 26 April is made up for on Monday; 30 April and 1 May are Thursday and Friday.
        ("2026-04-24", 2, "2026-04-29"),
        ("2026-04-28", 2, "2026-05-04"),
        ("2026-04-29", 2, "2026-05-05"),
        ("2026-08-31", 2, "2026-09-04"),
        ("2026-07-03", 2, "2026-07-07"),
        ("2026-07-04", 2, "2026-07-07"),
    ],
)
def test_known_deadlines_of_2026(received_on: str, count: int, due_on: str) -> None:
    assert add_working_days(dt.date.fromisoformat(received_on), count).isoformat() == due_on


def test_tet_2027_on_a_weekend_is_made_up_for_after_it() -> None:
    off = sorted(day.isoformat() for day in days_off(2027) if day.month == 2 and day.weekday() < 5)
    assert off == ["2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10", "2027-02-11"]
    assert dt.date(2027, 5, 3) in days_off(2027)


def test_it_says_how_sure_the_holidays_are() -> None:
    """What has been announced, what is computed, and what is known of fixed dates alone."""
    days = dict(zip((2026, 2027, 2031), (dt.date(year, 3, 2) for year in (2026, 2027, 2031)), strict=True))
    assert calendar_of(days[2026], days[2026]) == "announced"
    assert calendar_of(days[2026], days[2027]) == "computed"
    assert calendar_of(days[2027], days[2031]) == "fixed"
    assert len(days_off(2031)) >= 4


def test_a_day_ends_at_midnight_in_vietnam() -> None:
    assert end_of(dt.date(2026, 7, 7)).isoformat() == "2026-07-08T00:00:00+07:00"
