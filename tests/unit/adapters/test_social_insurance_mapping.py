"""The record in the words of social insurance, and back."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings

from adapters.social_insurance import mapping
from contracts.adapter_port import CannotTranslate, PersonKey
from contracts.worker import WorkerRecord
from tests.unit.adapters.records import record, records
from tests.unit.adapters.specifications import json_judge

_SPELL: dict[str, Any] = {
    "loaiHinhThamGia": "BB",
    "thamGiaBhtn": "1",
    "maDonVi": "TA0001A",
    "tenDonVi": "Công ty B",
    "tuThang": "07/2026",
    "denThang": None,
    "trangThai": "TM",
}
_ROW: dict[str, Any] = {
    "maThayDoi": "000000000000000001",
    "thoiDiem": "20260706003000",
    "soDinhDanh": "012190000123",
    "maSoBhxh": "1234567890",
    "nguoiLaoDong": None,
    "quaTrinh": None,
}


@given(records())
@settings(max_examples=200, deadline=None)
def test_what_is_read_back_of_a_view_is_the_view(said: WorkerRecord) -> None:
    view = mapping.view(said)
    assert mapping.held_view(orjson.loads(orjson.dumps(view))) == view


@given(records())
@settings(max_examples=200, deadline=None)
def test_every_view_is_built_as_the_system_specifies(said: WorkerRecord) -> None:
    json_judge("social_insurance", "NguoiLaoDong").validate(mapping.view(said))


@pytest.mark.parametrize(
    ("born", "digits", "kind"),
    [("1990-05-12", "19900512", "0"), ("1990", "1990", "1"), ("1990-05", "199005", "2")],
)
def test_a_partial_birth_date_says_how_much_of_it_is_known(born: str, digits: str, kind: str) -> None:
    view = mapping.view(record(basic={"birth_date": born}))
    assert (view["ngaySinh"], view["loaiNgaySinh"]) == (digits, kind)


def test_of_a_date_longer_than_its_kind_only_the_known_part_is_believed() -> None:
    view = mapping.view(record(basic={"birth_date": "1990"}))
    assert mapping.held_view({**view, "ngaySinh": "19900101"}) == view


def test_an_unknown_sex_is_said_as_other() -> None:
    assert mapping.view(record(basic={"sex": None}))["gioiTinh"] == "3"


def test_where_somebody_lives_is_the_current_residence_or_else_the_permanent_one() -> None:
    here = {"province": "12", "commune": "03388", "commune_on": "2025-07-01", "detail": "Bản A"}
    there = {"province": "12", "commune": "03390", "commune_on": "2025-07-01", "detail": "Bản B"}
    both = mapping.view(record(residence={"current": here, "permanent": there}))
    one = mapping.view(record(residence={"current": None, "permanent": there}))
    assert [both["maXa"], both["ngayMa"], one["maXa"], one["diaChi"]] == ["03388", "20250701", "03390", "Bản B"]


def test_a_spell_is_the_whole_insurance_group_and_says_nothing_of_what_we_wrote() -> None:
    worker = mapping.view(record())
    change = mapping.change({**_ROW, "nguoiLaoDong": worker, "quaTrinh": _SPELL}, "1")
    assert change.groups["insurance"] == {
        "social_insurance_number": "1234567890",
        "participation": "1",
        "unemployment_insurance": True,
        "insured_employer_code": "TA0001A",
        "insured_employer_name": "Công ty B",
        "insured_from": "2026-07",
        "insured_to": None,
        "movement": "TM",
    }
    assert set(change.groups) == {"insurance"}
    assert change.held == {}
    assert change.person == PersonKey("012190000123", None, "1234567890")
    assert (change.happened_at, change.as_of) == ("2026-07-05T17:30:00.000000Z", "2026-07-06")


def test_an_ended_spell_is_no_participation() -> None:
    ended = {**_SPELL, "trangThai": "GH", "denThang": "08/2026"}
    insurance = mapping.change({**_ROW, "quaTrinh": ended}, "1").groups["insurance"]
    assert (insurance["participation"], insurance["unemployment_insurance"]) == ("0", False)
    assert insurance["insured_to"] == "2026-08"


def test_a_changed_situation_is_reported_as_held_and_speaks_of_no_group() -> None:
    view = mapping.view(record(situation={"activity": "1", "workplace_name": "Công ty B"}))
    change = mapping.change({**_ROW, "nguoiLaoDong": view}, "1")
    assert (change.held, change.groups) == (view, {})


@pytest.mark.parametrize(
    "row",
    [
        {**_ROW, "thoiDiem": None},
        {**_ROW, "thoiDiem": "20261345000000"},
        {**_ROW, "quaTrinh": {**_SPELL, "loaiHinhThamGia": "??"}},
    ],
)
def test_a_row_that_cannot_be_read_says_so(row: dict[str, Any]) -> None:
    with pytest.raises((CannotTranslate, ValueError)):
        mapping.change(row, "1")
