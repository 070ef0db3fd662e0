"""What the adapters make of answers: outcomes in order, halves of refused batches, feeds that never stop, look-ups."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from adapters.labour_market.adapter import LabourMarketAdapter
from adapters.labour_market.settings import LabourMarketSettings
from adapters.social_insurance.adapter import SocialInsuranceAdapter
from adapters.social_insurance.lookups import Criteria
from adapters.social_insurance.settings import SocialInsuranceSettings
from contracts.adapter_port import Delivered, Delivery, PersonKey, Refused, TryLater
from tests.unit.adapters.platform import SYSTEM, data, saying, tokens
from tests.unit.adapters.records import record


def _labour(transport: httpx.AsyncBaseTransport) -> LabourMarketAdapter:
    return LabourMarketAdapter(LabourMarketSettings(SYSTEM), tokens(), transport)


def _insurance(transport: httpx.AsyncBaseTransport) -> SocialInsuranceAdapter:
    return SocialInsuranceAdapter(SocialInsuranceSettings(SYSTEM), tokens(), transport)


def _batch(adapter: LabourMarketAdapter, *numbers: str) -> list[Delivery]:
    views = [adapter.view(record(basic={"personal_number": number})) for number in numbers]
    return [Delivery("w", 1, view, "c") for view in views]


def _result(number: str, result: str = "thanh_cong", code: str | None = None) -> dict[str, Any]:
    return {"so_dinh_danh": number, "ket_qua": result, "ma_loi": code, "thong_bao": None}


ONE, TWO, THREE = "012190000001", "012190000002", "012190000003"


async def test_each_delivery_has_its_own_outcome_in_order() -> None:
    results = [_result(ONE), _result(TWO, "tu_choi", "MAU_THUAN"), _result(THREE, "thu_lai", "HO_SO_BAN")]
    adapter = _labour(saying(data(results)))
    done, refused, later = await adapter.deliver(_batch(adapter, ONE, TWO, THREE))
    assert isinstance(done, Delivered)
    assert isinstance(refused, Refused)
    assert isinstance(later, TryLater)
    assert (refused.cause, later.cause) == ("contradiction", "file-in-use")


async def test_results_about_other_people_are_no_answer() -> None:
    adapter = _labour(saying(data([_result(TWO), _result(ONE)])))
    with pytest.raises(TryLater, match="not-an-answer"):
        await adapter.deliver(_batch(adapter, ONE, TWO))


async def test_a_batch_that_is_refused_whole_is_halved_until_the_culprit_stands_alone() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        numbers = [one["so_dinh_danh"] for one in orjson.loads(request.content)["nguoi_lao_dong"]]
        if TWO in numbers:
            return httpx.Response(200, json={"data": None, "error": {"code": "DU_LIEU_KHONG_HOP_LE"}, "total": 0})
        return data([_result(number) for number in numbers])

    adapter = _labour(httpx.MockTransport(answer))
    outcomes = await adapter.deliver(_batch(adapter, ONE, TWO, THREE))
    assert [type(one) for one in outcomes] == [Delivered, Refused, Delivered]


async def test_somebody_unknown_there_is_none() -> None:
    rows = [{"so_dinh_danh": ONE, "nguoi_lao_dong": None}]
    held = await _labour(saying(data(rows))).read([PersonKey(cmnd="045123456"), PersonKey(ONE), PersonKey(ONE)])
    assert held == [None, None, None]


async def test_a_row_that_nobody_can_read_never_stops_the_feed() -> None:
    adapter = _labour(httpx.MockTransport(lambda _: httpx.Response(500)))
    worker = adapter.view(record())
    good = {"ma": 8, "thoi_diem": "2026-07-05T08:30:00+07:00", "nguoi_lao_dong": worker}
    rows = [{"ma": 7, "thoi_diem": "gestern", "nguoi_lao_dong": worker}, {"nguoi_lao_dong": worker}, good]
    page = await _labour(saying(data(rows, total=9))).changes("6", 3)
    assert [one.change_id for one in page.changes] == ["8"]
    assert [change_id for change_id, _ in page.unreadable] == ["7", ""]
    assert (page.cursor, page.more) == ("8", True)


async def test_a_page_that_leads_nowhere_is_no_answer() -> None:
    with pytest.raises(TryLater, match="not-an-answer"):
        await _labour(saying(data([{"thoi_diem": "x"}]))).changes(None, 3)


async def test_the_end_of_a_feed_keeps_the_cursor() -> None:
    page = await _labour(saying(data([], total=0))).changes("6", 3)
    assert (page.changes, page.cursor, page.more) == ((), "6", False)


@pytest.mark.parametrize("body", [b"", b"<html>", '{"a":"é"}'.encode("latin-1"), b"[]", b'{"data":NaN}', b"{}"])
async def test_what_is_no_answer_means_later(body: bytes) -> None:
    with pytest.raises(TryLater, match="not-an-answer"):
        await _labour(saying(httpx.Response(200, content=body))).ping()


async def test_a_byte_order_mark_before_an_answer_is_passed_over() -> None:
    body = b"\xef\xbb\xbf" + data({"trang_thai": "hoat_dong"}).content
    assert (await _labour(saying(httpx.Response(200, content=body))).ping()).latency_ms >= 0


async def test_whose_social_insurance_number_it_is() -> None:
    answer = {"hoTen": "Lò Thị Hoà", "ngaySinh": "1990", "loaiNgaySinh": "1", "gioiTinh": "2", "trangThai": "1"}
    found = await _insurance(saying(httpx.Response(200, json=answer))).lookup_by_number("1234567890")
    assert found is not None
    assert (found.full_name, found.birth_date, found.sex) == ("Lò Thị Hoà", "1990", "2")


async def test_a_number_that_nobody_has_is_none() -> None:
    assert await _insurance(saying(httpx.Response(200, json={"trangThai": "0"}))).lookup_by_number("1") is None


async def test_several_people_that_fit_are_refused() -> None:
    answer = {"maSoBhxh": None, "trangThai": "0", "errorCode": "02"}
    with pytest.raises(Refused, match="several-people"):
        await _insurance(saying(httpx.Response(200, json=answer))).find_number(Criteria("Lò Thị Hoà", "1990", "2"))


async def test_a_household_is_found_by_name_and_birth_date() -> None:
    answer = {"maSo": "1234567890", "hoTen": "Lò Thị Hoà", "maHo": "H1", "diaChi": "Bản A", "trangThai": "1"}
    member = await _insurance(saying(httpx.Response(200, json=answer))).household(
        Criteria("Lò Thị Hoà", "1990-05", "2")
    )
    assert member is not None
    assert (member.social_insurance_number, member.household_code) == ("1234567890", "H1")


async def test_a_half_that_cannot_be_sent_now_keeps_the_other_halfs_outcomes() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        numbers = [one["so_dinh_danh"] for one in orjson.loads(request.content)["nguoi_lao_dong"]]
        if len(numbers) > 1:
            return httpx.Response(200, json={"data": None, "error": {"code": "DU_LIEU_KHONG_HOP_LE"}, "total": 0})
        return httpx.Response(503) if numbers == [ONE] else data([_result(number) for number in numbers])

    adapter = _labour(httpx.MockTransport(answer))
    outcomes = await adapter.deliver(_batch(adapter, ONE, TWO))
    assert [type(one) for one in outcomes] == [TryLater, Delivered]
