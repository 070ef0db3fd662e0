"""Partial birth dates, and dates as spreadsheets hold them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.dates import age_on, is_iso_date, kind_of, parse_date, parse_partial, read_spreadsheet_date, year_of

days = st.dates(min_value=date(1906, 1, 1), max_value=date(2100, 12, 31))
typed_years = st.dates(min_value=date(1930, 1, 1), max_value=date(2029, 12, 31))


@pytest.mark.parametrize(("text", "kind"), [("1960", "year"), ("1960-05", "month"), ("1960-02-29", "full")])
def test_a_birth_date_may_be_partial(text, kind):
    assert parse_partial(text) == text
    assert kind_of(text) == kind
    assert year_of(text) == 1960


@pytest.mark.parametrize(
    "text",
    ["", "60", "0000", "1960-13", "1960-00", "1961-02-29", "1960-5", "1960-05-", "1960-05-1", "19600512", " 1960",
     "1960\n", "1960-W01-1", "१९६०"],
)  # fmt: skip
def test_what_is_no_partial_date_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_partial(text)


@pytest.mark.parametrize("text", ["1960", "19600512", "1960-W01-1", "1960-02-30", "1960-05-12T00:00", "", "1960/05/12"])
def test_only_one_spelling_of_a_full_date_is_taken(text):
    assert not is_iso_date(text)
    with pytest.raises(ValueError, match=r"."):
        parse_date(text)


@given(st.dates())
def test_a_date_survives_being_written_and_read(day):
    assert is_iso_date(day.isoformat())
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("born", "on", "ages"),
    [
        ("2010-07-05", date(2025, 7, 4), (14, 14)),
        ("2010-07-05", date(2025, 7, 5), (15, 15)),
        ("2010-07", date(2025, 7, 5), (14, 15)),
        ("2010", date(2025, 7, 5), (14, 15)),
        ("2010", date(2025, 12, 31), (15, 15)),
        ("2008-02-29", date(2023, 2, 28), (14, 14)),
        ("2008-02", date(2023, 2, 28), (14, 15)),
    ],
)
def test_age_has_a_youngest_and_an_oldest_reading(born, on, ages):
    assert age_on(born, on) == ages


@given(days, days)
def test_knowing_less_of_a_birth_date_never_narrows_the_age(born, on):
    text = born.isoformat()
    (full, _), month, year = age_on(text, on), age_on(text[:7], on), age_on(text[:4], on)
    assert year[0] <= month[0] <= full <= month[1] <= year[1]


@given(days)
def test_every_unambiguous_spelling_of_a_day_is_read(day):
    iso = day.isoformat()
    serial = (day - date(1899, 12, 30)).days
    spellings = [
        day, datetime(day.year, day.month, day.day, 13, tzinfo=UTC), iso, f"{iso} 00:00:00", f"{iso}T00:00:00",
        f"{day:%d/%m/%Y}", f"{day.day}-{day.month}-{day.year}", f"{day:%d.%m.%Y}", f" {day:%d / %m / %Y} ",
        f"{day:%Y%m%d}", f"{day:%d%m%Y}", int(f"{day:%Y%m%d}"), serial, float(serial) + 0.25, str(serial),
        f"ngày {day.day} tháng {day.month} năm {day.year}", f"{day:%Y/%m/%d}",
    ]  # fmt: skip
    assert {read_spreadsheet_date(spelling) for spelling in spellings} == {iso}


@given(typed_years)
def test_two_digit_years_are_between_1930_and_2029(day):
    assert read_spreadsheet_date(f"{day.day}-{day.month}-{day:%y}") == day.isoformat()


@pytest.mark.parametrize(("typed", "year"), [("1/1/29", "2029"), ("1/1/30", "1930"), ("1/1/00", "2000")])
def test_the_century_of_a_two_digit_year_turns_at_thirty(typed, year):
    assert read_spreadsheet_date(typed) == f"{year}-01-01"


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("năm 1960", "1960"), ("Sinh năm 1960", "1960"), ("năm sinh: 1960", "1960"), ("NĂM 1960", "1960"),
        ("NA\u0306M 1960", "1960"),
        ("00/00/1960", "1960"), ("0/0/1960", "1960"), ("19600000", "1960"), ("1960", "1960"), (1960, "1960"),
        (1960.0, "1960"), ("00/05/1960", "1960-05"), ("05/1960", "1960-05"), ("tháng 5 năm 1960", "1960-05"),
        ("1960-05", "1960-05"), ("19600500", "1960-05"),
    ],
)  # fmt: skip
def test_a_partial_date_in_a_cell_stays_partial(cell, read):
    assert read_spreadsheet_date(cell) == read


@pytest.mark.parametrize(
    "cell",
    [None, True, "", "  ", "không rõ", "05/13/1960", "31/02/1960", "12/00/1960", "120560", 5, -1, 0, "1.2E+10", "1,5",
     1e300, float("nan"), float("inf"), "01/01/0060", 99_999_999, "1" * 5000, b"1960", [1960], "12/05/1960 hoặc 1961"],
)  # fmt: skip
def test_what_cannot_be_read_without_guessing_is_not_read(cell):
    assert read_spreadsheet_date(cell) is None


@given(st.one_of(st.text(max_size=70), st.floats(), st.integers(), st.binary(max_size=5)))
def test_reading_any_cell_gives_a_partial_date_or_nothing(cell):
    read = read_spreadsheet_date(cell)
    assert read is None or parse_partial(read) == read
