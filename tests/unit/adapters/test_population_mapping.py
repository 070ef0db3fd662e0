"""The record in the words of the population database, through its XML, and back."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from lxml import etree

from adapters.lgsp.envelope import Fault
from adapters.population import mapping, soap
from contracts.adapter_port import CannotTranslate, PersonKey, View
from contracts.worker import WorkerRecord
from tests.unit.adapters.records import record, records
from tests.unit.adapters.specifications import xml_judge

_SOAP = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body></s:Envelope>'
_BCA = 'xmlns="http://dancuquocgia.bca"'
_HEAD: list[tuple[str, Any]] = [("MaYeuCau", "1"), ("MaDVC", "x"), ("MaCanBo", "012080999999")]
_CITIZEN: dict[str, Any] = {
    "SoDinhDanh": "012190000123",
    "SoCMND": "045123456",
    "HoVaTen": {"Ho": "LÒ", "ChuDem": "THỊ", "Ten": "HOÀ"},
    "GioiTinh": "2",
    "DanToc": {"MaDanToc": "04", "TenGoi": "Mường"},
    "NgayThangNamSinh": {"NgayThangNam": "1990-05-12"},
    "ThuongTru": {"MaTinhThanh": "12", "MaQuanHuyen": "105", "MaPhuongXa": "03389", "ChiTiet": "Bản A"},
    "NoiOHienTai": {"MaDonViHanhChinh": "03390"},
    "QuocTich": "VN",
}


def _written(views: list[View]) -> bytes:
    people: list[tuple[str, Any]] = [("NguoiLaoDong", soap.in_order(view)) for view in views]
    return soap.request("CapNhatThongTinLaoDong", _HEAD + people)


def _read(message: bytes) -> list[View]:
    body = etree.fromstring(message)[0][0]
    return [mapping.held_view(soap.as_json(person)) for person in list(body)[len(_HEAD) :]]


def _row(body: dict[str, Any]) -> dict[str, Any]:
    return {"ThoiDiem": "1783270800000", "SoDinhDanh": "012190000123", "Body": orjson.dumps(body).decode()}


@given(records())
@settings(max_examples=200, deadline=None)
def test_what_is_read_back_of_a_view_is_the_view(said: WorkerRecord) -> None:
    view = mapping.view(said)
    shuffled = orjson.loads(orjson.dumps(view, option=orjson.OPT_SORT_KEYS))
    assert _read(_written([shuffled])) == [view]
    assert mapping.held_view(shuffled) == view


@given(records())
@settings(max_examples=200, deadline=None)
def test_every_message_is_built_as_the_system_specifies(said: WorkerRecord) -> None:
    xml_judge("nguoilaodong.xsd").assertValid(etree.fromstring(_written([mapping.view(said)]))[0][0])


def test_names_dates_and_ethnic_groups_are_said_in_its_words() -> None:
    view = mapping.view(record(basic={"ethnic_group": "06"}, special={"priority_groups": ["2", "6", "8"]}))
    assert view == {
        "SoDinhDanh": "012190000123",
        "HoVaTen": "LÒ THỊ HOÀ",
        "NgayThangNamSinh": {"NgayThangNam": "19900512"},
        "GioiTinh": "2",
        "DanToc": "04",
        "DoiTuongUuTien": ["2", "6"],
    }


def test_of_a_year_with_a_month_only_the_year_can_be_said() -> None:
    assert mapping.view(record(basic={"birth_date": "1990-05"}))["NgayThangNamSinh"] == {"Nam": "1990"}


@pytest.mark.parametrize("date", [{"NgayThangNam": "19900512"}, {"NgayThangNam": "1990-05-12"}])
def test_both_styles_of_dates_are_read(date: dict[str, Any]) -> None:
    assert mapping.citizen_groups({**_CITIZEN, "NgayThangNamSinh": date})["basic"]["birth_date"] == "1990-05-12"


def test_a_changed_citizen_speaks_of_identity_and_residence_alone() -> None:
    change = mapping.change(_row({"CongDan": _CITIZEN, "NguoiLaoDong": None}), "5")
    assert change.groups == {
        "basic": {
            "full_name": "Lò Thị Hoà",
            "sex": "2",
            "personal_number": "012190000123",
            "cmnd": "045123456",
            "birth_date": "1990-05-12",
            "ethnic_group": "06",
        },
        "residence": {
            "permanent": {"province": "12", "commune": "03388", "commune_on": "2025-07-01", "detail": "Bản A"},
            "current": {"province": "12", "commune": "03390", "commune_on": "2025-07-01", "detail": None},
        },
    }
    assert (change.held, change.person) == ({}, PersonKey("012190000123", "045123456"))
    assert change.happened_at.endswith("Z")


def test_changed_worker_data_speaks_of_nobodys_identity() -> None:
    view = mapping.view(record(situation={"activity": "1"}))
    change = mapping.change(_row({"CongDan": None, "NguoiLaoDong": view}), "5")
    assert (change.groups, change.held) == ({}, view)


@pytest.mark.parametrize(
    "body", [{}, {"CongDan": {"HoVaTen": {"Ten": ""}}}, {"CongDan": {**_CITIZEN, "SoDinhDanh": "1"}}]
)
def test_a_row_that_cannot_be_read_says_so(body: dict[str, Any]) -> None:
    with pytest.raises(CannotTranslate):
        mapping.change(_row(body), "5")


def _answer(inner: str) -> etree._Element | Fault:
    return soap.open_answer("TraCuuThongTinCongDan", _SOAP.format(inner).encode())


def test_an_error_inside_an_answer_is_recognised() -> None:
    inner = "<errorCode>004</errorCode><errorMessage>x</errorMessage>"
    fault = _answer(f"<TraCuuThongTinCongDanResponse {_BCA}>{inner}</TraCuuThongTinCongDanResponse>")
    assert isinstance(fault, Fault)
    assert (fault.cause, fault.later) == ("procedure-not-licensed", True)


@pytest.mark.parametrize(
    ("code", "cause", "later"), [("Client", "message-unfit", False), ("Server", "server-error", True)]
)
def test_a_soap_fault_says_whose_fault_it_is(code: str, cause: str, later: bool) -> None:
    fault = _answer(f"<s:Fault><faultcode>soapenv:{code}</faultcode><faultstring>x</faultstring></s:Fault>")
    assert isinstance(fault, Fault)
    assert (fault.cause, fault.later) == (cause, later)


def test_a_message_inside_a_message_is_opened() -> None:
    escaped = "&lt;TraCuuThongTinCongDanResponse&gt;&lt;a&gt;1&lt;/a&gt;&lt;/TraCuuThongTinCongDanResponse&gt;"
    opened = _answer(f"<return>{escaped}</return>")
    assert not isinstance(opened, Fault)
    assert soap.as_json(opened) == {"a": "1"}


def test_fifty_people_are_written_and_read_in_a_few_milliseconds() -> None:
    view = mapping.view(record(situation={"activity": "1", "job_title": "thợ xây"}, needs={"job_seeking": True}))
    views = [view] * 50
    best_s = min(_timed(lambda: _read(_written(views))) for _ in range(5))
    assert best_s < 0.02


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
