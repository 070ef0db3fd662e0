"""The record in the words of labour supply and demand, and back."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings

from adapters.labour_market import mapping
from contracts.adapter_port import CannotTranslate, PersonKey
from contracts.worker import WorkerRecord
from tests.unit.adapters.records import record, records
from tests.unit.adapters.specifications import json_judge

_WORKER: dict[str, Any] = {
    "so_dinh_danh": "012190000123",
    "ho_ten": "Lò Thị Hoà",
    "ngay_sinh": "12/05/1990",
    "gioi_tinh": 0,
}


@given(records())
@settings(max_examples=200, deadline=None)
def test_what_is_read_back_of_a_view_is_the_view(said: WorkerRecord) -> None:
    view = mapping.view(said)
    assert mapping.held_view(orjson.loads(orjson.dumps(view))) == view


@given(records())
@settings(max_examples=200, deadline=None)
def test_every_view_is_built_as_the_system_specifies(said: WorkerRecord) -> None:
    json_judge("labour_market", "NguoiLaoDong").validate(mapping.view(said))


@given(records())
@settings(max_examples=100, deadline=None)
def test_a_record_that_follows_the_feed_has_the_view_that_the_system_holds(said: WorkerRecord) -> None:
    view = mapping.view(said)
    row: dict[str, Any] = {"nguoi_lao_dong": view, "thoi_diem": "2026-07-05T08:30:00.000+07:00"}
    change = mapping.change(row, "1")
    followed = WorkerRecord("w", 2, {**said.groups, **change.groups, "basic": said.groups["basic"]}, {})
    assert mapping.view(followed) == view


def test_identity_residence_work_and_needs_are_said_in_its_words() -> None:
    view = mapping.view(
        record(
            basic={"ethnic_group": "08"},
            residence={
                "current": {"province": "12", "commune": "03388", "commune_on": "2025-07-01", "detail": "Bản A"}
            },
            situation={
                "activity": "1",
                "contract_started_on": "2024-03-01",
                "has_contract": True,
                "contract_kind": "1",
            },
            insurance={"insured_from": "2026-07"},
            needs={"job_seeking": False},
        )
    )
    assert view == {
        **_WORKER,
        "ma_dan_toc": "08",
        "noi_o_hien_tai": {"ma_tinh": "12", "ma_xa": "03388", "ngay_ma": "01/07/2025", "chi_tiet": "Bản A"},
        "tinh_trang_hdkt": "1",
        "co_hdld": True,
        "loai_hdld": "1",
        "ngay_bat_dau_hdld": "01/03/2024",
        "dong_tu_thang": "07/2026",
        "nhu_cau_tim_viec": False,
    }


def test_answers_that_the_activity_does_not_allow_are_left_out() -> None:
    view = mapping.view(record(situation={"activity": "2", "job_title": "thợ xây", "unemployment_reason": "3"}))
    assert "chuc_danh" not in view
    assert view["ly_do_that_nghiep"] == "3"


def test_disabled_as_a_reason_is_said_by_special_status_and_heard_again() -> None:
    said = record(situation={"activity": "3", "inactive_reason": "4"}, special={"priority_groups": ["2"]})
    view = mapping.view(said)
    assert (view["ly_do_khong_tham_gia"], view["dac_thu"]) == ("9", ["1", "2"])
    change = mapping.change({"nguoi_lao_dong": view, "thoi_diem": "2026-07-05T08:30:00+07:00"}, "1")
    assert change.groups["situation"]["inactive_reason"] == "4"


@pytest.mark.parametrize(
    ("basic", "cause"),
    [
        ({"personal_number": None}, "personal-number-missing"),
        ({"personal_number": "12"}, "personal-number-unfit"),
        ({"full_name": "  "}, "full-name-unfit"),
        ({"birth_date": "1990-13"}, "birth-date-unfit"),
    ],
)
def test_a_record_without_what_the_system_demands_cannot_be_said(basic: dict[str, str | None], cause: str) -> None:
    with pytest.raises(CannotTranslate) as refused:
        mapping.view(record(basic=basic))
    assert refused.value.cause == cause


def test_a_change_speaks_of_work_needs_and_schooling_and_not_of_identity() -> None:
    worker: dict[str, Any] = {
        **_WORKER,
        "tinh_trang_hdkt": "1",
        "noi_lam_viec": "HTX Mường So",
        "ma_so_bhxh": "1234567890",
    }
    change = mapping.change({"nguoi_lao_dong": worker, "thoi_diem": "2026-07-05T23:30:00.000+00:00"}, "7")
    assert set(change.groups) == {"situation"}
    assert change.person.personal_number == "012190000123"
    assert (change.happened_at, change.as_of) == ("2026-07-05T23:30:00.000000Z", "2026-07-06")
    assert change.person == PersonKey("012190000123", None, "1234567890")
    assert change.held["noi_lam_viec"] == "HTX Mường So"


def test_a_new_job_says_that_nothing_of_the_old_one_holds() -> None:
    worker: dict[str, Any] = {**_WORKER, "tinh_trang_hdkt": "1", "noi_lam_viec": "Công ty B"}
    change = mapping.change({"nguoi_lao_dong": worker, "thoi_diem": "2026-07-05T08:30:00+07:00"}, "7")
    situation = change.groups["situation"]
    assert situation["workplace_name"] == "Công ty B"
    assert situation["workplace_address"] is None
    assert situation["industry"] is None
    assert "unemployment_reason" not in situation


def test_without_an_activity_nothing_is_said_of_the_situation() -> None:
    worker: dict[str, Any] = {**_WORKER, "nhu_cau_tim_viec": True}
    change = mapping.change({"nguoi_lao_dong": worker, "thoi_diem": "2026-07-05T08:30:00+07:00"}, "7")
    assert "situation" not in change.groups
    assert change.groups["needs"] == {"job_seeking": True}


def test_an_old_commune_code_is_held_as_the_commune_of_today() -> None:
    old: dict[str, Any] = {**_WORKER, "thuong_tru": {"ma_tinh": "12", "ma_xa": "03391", "ngay_ma": "01/01/2020"}}
    held = mapping.held_view(old)["thuong_tru"]
    assert isinstance(held, dict)
    assert held["ngay_ma"] == "01/07/2025"
    assert held["ma_xa"] != "03391"
