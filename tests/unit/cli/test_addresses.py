"""Addresses typed in one cell: the commune only when its name is beyond doubt."""

from __future__ import annotations

import pytest

from gateway.cli.tables.addresses import commune_code, read_address

NOW = "2026-07-05"


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("Bản Mẫu, xã Bum Tở, tỉnh Lai Châu", "03433", "Bản Mẫu"),
        ("ban mau, xa bum to, lai chau", "03433", "ban mau"),
        ("Tổ 4, P. Đoàn Kết", "03388", "Tổ 4"),
        ("Bản Mẫu, Bum Tở", "03433", "Bản Mẫu"),
        ("Xã Mường Tè", "03445", None),
    ],
)
def test_a_commune_of_today_is_found_by_its_name(text: str, code: str, detail: str | None) -> None:
    found = read_address(text, NOW)
    assert (found["ma_xa"], found.get("chi_tiet"), found["ngay_ma"]) == (code, detail, NOW)


def test_an_old_unit_with_its_district_leads_to_its_successor_and_nothing_is_lost() -> None:
    text = "Bản Mẫu, xã Mường Than, huyện Than Uyên, tỉnh Lai Châu"
    assert read_address(text, NOW) == {"ma_tinh": "12", "ma_xa": "03595", "ngay_ma": NOW, "chi_tiet": text}


@pytest.mark.parametrize(
    "text",
    [
        "Bản Mẫu, Mường Tè",
        "Bản Mẫu, xã Không Có, tỉnh Lai Châu",
        "Bản Mẫu, huyện Mường Tè",
        "Số 1, phường Cầu Giấy, Hà Nội",
        "Lai Châu",
        ", ".join(["xã Bum Tở"] * 20),
    ],
)
def test_a_doubtful_name_stays_text(text: str) -> None:
    assert read_address(text, NOW) == {"chi_tiet": text}


def test_before_the_new_numbering_a_name_is_not_todays_commune() -> None:
    assert read_address("xã Mường Tè", "2024-08-01") == {"chi_tiet": "xã Mường Tè"}


@pytest.mark.parametrize(("text", "code"), [("03433", "03433"), ("3433", "3433"), ("Bum Tở", "03433"), ("Xxx", "Xxx")])
def test_a_commune_column_takes_code_or_name_and_repairs_nothing(text: str, code: str) -> None:
    assert commune_code(text) == code
