"""Dates as people write them. A birth date may be partial: "1960", "1960-05" or "1960-05-12", always as text.

Civil dates of Viet Nam (Asia/Ho_Chi_Minh), without time; instants are no matter of this module.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from contracts.names import normalize

Kind: TypeAlias = Literal["full", "year", "month"]

_KINDS: Final[dict[int, Kind]] = {4: "year", 7: "month", 10: "full"}
_PARTIAL: Final = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", re.ASCII)

# Excel counts a 29/02/1900 that never was; from March 1900 on, this origin makes up for it.
_SERIAL_ORIGIN: Final = date(1899, 12, 30)
_YEAR_MIN: Final = 1900
_YEAR_MAX: Final = 2100
_SERIAL_MAX: Final = (date(_YEAR_MAX, 12, 31) - _SERIAL_ORIGIN).days
# Two-digit years as spreadsheets read them: nobody of working age was born before 1930, or will be after 2029.
_SHORT_YEAR_PIVOT: Final = 30
_TEXT_LENGTH_MAX: Final = 60

_SEPARATOR: Final = r"\s*[/.\-]\s*"
_DAY_FIRST: Final = re.compile(rf"(?:(\d{{1,2}}){_SEPARATOR})?(\d{{1,2}}){_SEPARATOR}(\d{{4}}|\d{{2}})", re.ASCII)
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}})(?:{_SEPARATOR}(\d{{1,2}})(?:{_SEPARATOR}(\d{{1,2}}))?)?", re.ASCII)
_IN_WORDS: Final = re.compile(
    r"(?:(?:ngày|ngay)?\s*(\d{1,2})\s*)?(?:(?:tháng|thang)\s*(\d{1,2})\s*)?(?:sinh\s*)?(?:năm|nam)\s*(?:sinh\s*)?(?::\s*)?(\d{4})",
    re.ASCII,
)
_TIME_OF_DAY: Final = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", re.ASCII)
_NUMBER: Final = re.compile(r"\d{4,8}(?:\.\d+)?", re.ASCII)


def parse_date(text: str) -> date:
    """Strict `YYYY-MM-DD`; ValueError otherwise (the standard library would also take week dates and `YYYYMMDD`)."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        raise ValueError("not a date of the form YYYY-MM-DD")
    return date.fromisoformat(text)


def is_iso_date(text: str) -> bool:
    """Whether `parse_date` would accept it."""
    try:
        parse_date(text)
    except (ValueError, TypeError):
        return False
    return True


def parse_partial(text: str) -> str:
    """The text itself if it is a partial date of the calendar; ValueError otherwise. The value is not in the error."""
    if _PARTIAL.fullmatch(text) is None:
        raise ValueError("not a date of the form YYYY, YYYY-MM or YYYY-MM-DD")
    date.fromisoformat((text + "-01-01")[:10])
    return text


def year_of(partial: str) -> int:
    """The year of a partial date."""
    return int(partial[:4])


def kind_of(partial: str) -> Kind:
    """How much of the date is known; ValueError if it is no partial date by its length."""
    kind = _KINDS.get(len(partial))
    if kind is None:
        raise ValueError("not a partial date")
    return kind


def earliest(partial: str) -> date:
    """The first day that a partial date may mean."""
    return date.fromisoformat((partial + "-01-01")[:10])


def latest(partial: str) -> date:
    """The last day that a partial date may mean."""
    first = earliest(partial)
    match kind_of(partial):
        case "full":
            return first
        case "month":
            return first.replace(day=monthrange(first.year, first.month)[1])
        case "year":
            return first.replace(month=12, day=31)


def _years_between(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age_on(partial: str, on: date) -> tuple[int, int]:
    """Completed years on a day: (youngest, oldest) that the partial date allows. Negative before birth."""
    return _years_between(latest(partial), on), _years_between(earliest(partial), on)


def read_spreadsheet_date(value: object) -> str | None:
    """A cell as a partial ISO date; None when it cannot be read without guessing.

    Reads dd/MM/yyyy, d-M-yy, MM/yyyy, yyyy, "năm 1960", 00/00/1960, yyyyMMdd, ddMMyyyy (the card's QR code), ISO,
    1900-system serials as number or text, and date objects. Years outside 1900-2100 are not read.
    """
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    if isinstance(value, str) and len(value) <= _TEXT_LENGTH_MAX:
        return _from_text(normalize(value))
    return None


def _from_number(number: float) -> str | None:
    if not 0 < number < 100_000_000:
        return None
    whole = int(number)
    if _YEAR_MIN <= whole <= _YEAR_MAX:
        return str(whole)
    if _YEAR_MAX < whole <= _SERIAL_MAX:
        return (_SERIAL_ORIGIN + timedelta(days=whole)).isoformat()
    return _from_eight_digits(f"{whole:08d}") if whole >= 1_000_000 else None


def _from_eight_digits(digits: str) -> str | None:
    """yyyyMMdd, else ddMMyyyy; both at once cannot be, as no month is 19 or 20."""
    return _partial(digits[:4], digits[4:6], digits[6:]) or _partial(digits[4:], digits[2:4], digits[:2])


def _from_text(text: str) -> str | None:
    text = _TIME_OF_DAY.sub("", text)
    if _NUMBER.fullmatch(text):
        return _from_number(float(text))
    if found := _YEAR_FIRST.fullmatch(text):
        return _partial(*found.groups())
    if found := _DAY_FIRST.fullmatch(text) or _IN_WORDS.fullmatch(text.lower()):
        day, month, year = found.groups()
        return _partial(_long_year(year), month, day)
    return None


def _long_year(year: str) -> str:
    if len(year) == 4:
        return year
    return ("20" if int(year) < _SHORT_YEAR_PIVOT else "19") + year


def _partial(year: str, month: str | None, day: str | None) -> str | None:
    """A month or day that is missing or zero is unknown; a known day of an unknown month is a contradiction."""
    if not _YEAR_MIN <= int(year) <= _YEAR_MAX:
        return None
    known_month, known_day = int(month or 0), int(day or 0)
    if known_day and not known_month:
        return None
    text = year + (f"-{known_month:02d}" if known_month else "") + (f"-{known_day:02d}" if known_day else "")
    try:
        return parse_partial(text)
    except ValueError:
        return None
