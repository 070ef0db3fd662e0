"""Entries about people who do not exist: person `n` is always the same, and different from every other.

A number, a name and a birth date follow from `n` by arithmetic, so that millions need no memory and the entries that a
measurement sends are the same at every run of a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Final

import orjson

from contracts.codelists import load

BATCH: Final = 256


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SURNAMES: Final = _words("Lò Vàng Giàng Sùng Lý Tẩn Chẻo Phàn Nùng Hoàng Nguyễn Trần Lê Đào Quàng Cà Tòng Mùa Thào Vừ")
_MIDDLES: Final = _words("Văn Thị A Thanh Minh Đức Thu Hồng Ngọc Kim Xuân Hải Quang Anh Bích Hoài Mai Đình Công Tuấn")
_GIVENS: Final = _words(
    "An Bình Chung Dung Giang Hà Hạnh Hòa Hùng Hương Khánh Lan Linh Long Mai Minh Nam Nga Ngân Ngọc Nhung Oanh "
    "Phong Phúc Phương Quân Quyên Quỳnh Sơn Tâm Thắng Thảo Thủy Tiến Trang Trung Tú Tùng Vân Vinh"
)
_YEAR_FIRST: Final = 1961
_YEARS: Final = 45
_REPEAT_EVERY: Final = 5
_REPEAT_BACK: Final = 1_000
_MIXING: Final = 2_654_435_761
"""Knuth's multiplicative hash: neighbours in `n` are strangers in name and birthday."""


_TODAY: Final = dt.datetime.now(dt.UTC).date()
_DAY: Final = (_TODAY - dt.timedelta(days=20)).isoformat()
_DAY_AGAIN: Final = (_TODAY - dt.timedelta(days=10)).isoformat()
"""Recent, since a form that lies about for months is doubted."""


def person_of(row: int) -> tuple[int, bool]:
    """Whom entry `row` is about, and whether an earlier entry was about the same: every fifth tells a change."""
    again = row % _REPEAT_EVERY == _REPEAT_EVERY - 1 and row >= _REPEAT_BACK
    return (row - _REPEAT_BACK + 1, True) if again else (row, False)


def entry(row: int) -> dict[str, object]:
    """The entry with this number, ready for JSON: a TT 11 form of someone employed, correct throughout."""
    number, again = person_of(row)
    day = _DAY_AGAIN if again else _DAY
    return {
        "form": "tt11_mau03",
        "declared_on": day,
        "commune": _commune(number),
        "investigator": f"DTV-{number % 97:03d}",
        "campaign": "2026",
        "slip_kind": "change" if again else "collect",
        "key": f"bench-{row}",
        "fields": _fields(number, day, again),
    }


def bodies(first: int, count: int) -> Iterator[bytes]:
    """One request body per entry."""
    return (orjson.dumps(entry(row)) for row in range(first, first + count))


def batches(first: int, count: int) -> Iterator[bytes]:
    """Request bodies of up to 256 entries."""
    for start in range(first, first + count, BATCH):
        rows = range(start, min(start + BATCH, first + count))
        yield orjson.dumps({"entries": [entry(row) for row in rows]})


def personal_number(number: int) -> str:
    """Twelve digits that agree with sex and birth year."""
    woman, year = number % 2, _year(number)
    century = (2 if year >= 2000 else 0) + woman
    return f"012{century}{year % 100:02d}{number // (2 * _YEARS) % 999_999 + 1:06d}"


def _year(number: int) -> int:
    return _YEAR_FIRST + number // 2 % _YEARS


def _name(number: int) -> str:
    mixed = number * _MIXING % 2**32 // 7
    surname = _SURNAMES[mixed % len(_SURNAMES)]
    middle = _MIDDLES[mixed // 20 % len(_MIDDLES)]
    more = _MIDDLES[mixed // 400 % len(_MIDDLES)]
    return f"{surname} {middle} {more} {_GIVENS[mixed // 8_000 % len(_GIVENS)]}"


@cache
def _communes() -> tuple[str, ...]:
    return tuple(load("laichau_communes_2025"))


def _commune(number: int) -> str:
    communes = _communes()
    return communes[number % len(communes)]


def _address(number: int, day: str, detail: str) -> dict[str, str]:
    return {"ma_tinh": "12", "ma_xa": _commune(number), "ngay_ma": day, "chi_tiet": detail}


def _fields(number: int, day: str, again: bool) -> dict[str, object]:
    born = number * _MIXING % 2**32 // 11
    name = _name(number)
    return {
        "tinh": "12",
        "xa": _commune(number),
        "ho_ten": name,
        "ngay_sinh": f"{_year(number)}-{born % 12 + 1:02d}-{born // 12 % 28 + 1:02d}",
        "gioi_tinh": "2" if number % 2 else "1",
        "so_dinh_danh": personal_number(number),
        "ma_so_bhxh": f"{1_200_000_000 + number:010d}",
        "thuong_tru": _address(number + 1, day, f"Bản {number % 60 + 1}"),
        "noi_o_hien_tai": _address(number, day, f"Tổ {number % 20 + 1}"),
        "doi_tuong_uu_tien": ["6"],
        "dan_toc": f"{number % 53 + 2:02d}",
        "trinh_do_gdpt": "4",
        "trinh_do_cmkt": "5",
        "chuyen_nganh": "Kế toán",
        "tinh_trang_hdkt": "1",
        "ly_do_khong_tham_gia": None,
        "vi_the_viec_lam": "4",
        "cong_viec_cu_the": "Kế toán trưởng" if again else "Kế toán viên",
        "tham_gia_bhxh": True,
        "loai_bhxh": "1",
        "co_hdld": True,
        "loai_hdld": "2",
        "ngay_bat_dau_hdld": "2024-03-01",
        "noi_lam_viec": f"Công ty chè số {number % 300 + 1}",
        "loai_hinh_noi_lam_viec": "5",
        "loai_doanh_nghiep": "52",
        "dia_chi_noi_lam_viec": _address(number + 2, day, f"Tổ {number % 9 + 1}"),
        "nguoi_that_nghiep": None,
        "thoi_gian_that_nghiep": None,
        "ngay_khai": day,
        "nguoi_cung_cap": name,
    }
