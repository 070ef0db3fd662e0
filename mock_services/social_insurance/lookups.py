"""The three documented look-ups."""

from __future__ import annotations

from typing import Any

from mock_services.people.person import Person
from mock_services.social_insurance.insured import Insured

Body = dict[str, Any]


def by_insurance_number(insured: Insured, asked: Body) -> tuple[Body, str]:
    """getTraCuuTtHgdByMaSoBhxh."""
    person = insured.find(asked["maSoBhxh"])
    if person is None:
        names = ("hoTen", "soSoCu", "ngaySinh", "loaiNgaySinh", "gioiTinh", "maTinhKs", "maHuyenKs", "maXaKs")
        return {**dict.fromkeys(names), "trangThai": "0"}, "not_found"
    old_book = None if person.index % 3 else f"1299{person.index:06d}"
    registration = insured.birth_registration(person)
    return {**insured.identity(person), "soSoCu": old_book, **registration, "trangThai": "1"}, "found"


def number_by_criteria(insured: Insured, asked: Body) -> tuple[Body, str]:
    """getMaSoBhxhTheoTieuChi."""
    found = _like(insured, asked)
    if asked.get("isKs") == "1" and asked.get("maTinhKs"):
        found = [one for one in found if insured.birth_registration(one)["maTinhKs"] == asked["maTinhKs"]]
    if len(found) != 1:
        code = "02" if found else "01"
        return {"maSoBhxh": None, "trangThai": "0", "errorCode": code}, code
    return {"maSoBhxh": insured.number_of(found[0]), "trangThai": "1", "errorCode": "00"}, "00"


def household(insured: Insured, asked: Body) -> tuple[Body, str]:
    """getTraCuuThongTinHgd."""
    found = _like(insured, asked)
    if len(found) != 1:
        names = ("maSo", "hoTen", "ngaySinh", "loaiNgaySinh", "gioiTinh", "maHo", "diaChi")
        return {**dict.fromkeys(names), "trangThai": "0"}, "not_found"
    person = found[0]
    address = f"{person.permanent.detail}, {person.permanent.old.old_name}, {person.permanent.old.old_district}"
    return {
        "maSo": insured.number_of(person),
        **insured.identity(person),
        "maHo": f"12{person.index:08d}",
        "diaChi": f"{address}, tỉnh Lai Châu",
        "trangThai": "1",
    }, "found"


def _like(insured: Insured, asked: Body) -> list[Person]:
    digits = asked["ngaySinh"]
    date = "-".join(part for part in (digits[:4], digits[4:6], digits[6:8]) if part)
    return insured.world.insured_like(asked["hoTen"], date, asked["gioiTinh"])
