"""Numbers that are valid in form and clearly nobody's.

Real serials are issued from 000001 up and stay low (a few thousand births per province, sex and year); ours count down
from the top: person i ends in 999999 - i. So a world of 100,000 people has serials of 900000 and more only, no two
people share one, and the person is found from the number without a table.
"""

from __future__ import annotations

PEOPLE_MAX = 900_000
_SERIAL_TOP = 999_999
_INSURANCE_TOP = 99_999_999
_CMND_TOP = 9_999_999


def personal_number(index: int, birth_place: str, sex: str, birth_year: int) -> str:
    """AAA B YY NNNNNN (TT 07/2016/TT-BCA): B says century and sex."""
    century_and_sex = (birth_year // 100 - 19) * 2 + (sex == "2")
    return f"{birth_place}{century_and_sex}{birth_year % 100:02d}{_SERIAL_TOP - index:06d}"


def social_insurance_number(index: int) -> str:
    """Ten digits; 12 is the province that issued it."""
    return f"12{_INSURANCE_TOP - index:08d}"


def cmnd(index: int) -> str:
    """Nine digits, as old cards bear them."""
    return f"04{_CMND_TOP - index:07d}"


def index_of(number: str) -> int | None:
    """The person that a number of one of the three kinds would belong to; the caller compares the whole number."""
    if not number.isascii() or not number.isdigit():
        return None
    match len(number):
        case 12:
            return _SERIAL_TOP - int(number[6:])
        case 10:
            return _INSURANCE_TOP - int(number[2:])
        case 9:
            return _CMND_TOP - int(number[2:])
        case _:
            return None
