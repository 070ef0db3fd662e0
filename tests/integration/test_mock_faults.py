"""Faults on demand: each does to the connection, the answer and the effect what it says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from mock_services.people.world import World
from mock_services.street import StreetPlan, served
from tests.integration.street import WORKERS, Street, head, labour_worker, worker_xml

WORLD = World(50, 7)
PERSON = WORLD.person(0)
OTHER = WORLD.person(1)
WRITE = "nguoi-lao-dong"


@pytest_asyncio.fixture
async def street() -> AsyncIterator[Street]:
    async with served(StreetPlan(people=50, seed=7, ports=(0, 0, 0, 0))) as ready, Street(ready) as client:
        yield client


async def _fault(street: Street, kind: str, system: str = "labour_market", **more: object) -> None:
    await street.mock(system, "POST", "faults", [{"kind": kind, "for_requests": 1, **more}])


async def _put(street: Street, *people: Any) -> httpx.Response:
    body = {"nguoi_lao_dong": [labour_worker(person) for person in people or (PERSON,)]}
    return await street.http.put(
        f"{street.ready['labour_market']}/cungcau/v1/{WRITE}", json=body, headers=street.headers
    )


async def _changes(street: Street) -> int:
    found: int = (await street.mock("labour_market", "GET", "health"))["changes"]
    return found


async def test_a_cut_happens_before_the_effect(street: Street) -> None:
    await _fault(street, "cut")
    with pytest.raises(httpx.TransportError):
        await _put(street)
    assert await _changes(street) == 0


async def test_a_lost_answer_leaves_the_effect(street: Street) -> None:
    await _fault(street, "lost_answer")
    with pytest.raises(httpx.TransportError):
        await _put(street)
    assert await _changes(street) == 1
    assert (await _put(street)).status_code == 200


async def test_twice_has_the_effect_twice_and_one_answer(street: Street) -> None:
    await _fault(street, "twice")
    assert (await _put(street)).json()["total"] == 1
    assert await _changes(street) == 2


@pytest.mark.parametrize(("kind", "status"), [("error_500", 500), ("quota_429", 429)])
async def test_errors_of_the_gateway_have_no_effect(street: Street, kind: str, status: int) -> None:
    await _fault(street, kind, retry_after_s=7)
    answer = await _put(street)
    assert answer.status_code == status
    assert answer.json()["fault"]["code"]
    assert (answer.headers.get("Retry-After") == "7") == (status == 429)
    assert await _changes(street) == 0


async def test_maintenance_is_told_as_each_system_tells_it(street: Street) -> None:
    for system in ("labour_market", "social_insurance", "population", "platform"):
        await _fault(street, "maintenance", system)
    assert (await _put(street)).json()["error"]["code"] == "BAO_TRI"
    assert (await street.insurance("layThayDoi", {"tuMa": "", "soBanGhi": 1}))["Status"] == "0"
    answer = await street.soap(WORKERS, "CapNhatThongTinLaoDong", head(street) + worker_xml(PERSON))
    assert (answer.status_code, "soapenv:Server" in answer.text) == (503, True)
    token = await street.ask_token()
    assert (token.status_code, token.headers["content-type"]) == (503, "text/html; charset=utf-8")


async def test_garbage_and_wrong_encoding_come_after_the_effect_and_html_before(street: Street) -> None:
    await _fault(street, "html")
    assert (await _put(street)).headers["content-type"].startswith("text/html")
    assert await _changes(street) == 0
    for kind in ("garbage", "wrong_encoding"):
        await _fault(street, kind)
        answer = await _put(street)
        assert answer.status_code == 200
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(answer.content)
    assert await _changes(street) == 2


async def test_a_wrong_encoding_keeps_its_label(street: Street) -> None:
    await _fault(street, "wrong_encoding", "population")
    answer = await street.soap(WORKERS, "CapNhatThongTinLaoDong", head(street) + worker_xml(PERSON))
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode("utf-8")


async def test_slow_is_slow_and_then_well(street: Street) -> None:
    await _fault(street, "slow", seconds=0.3)
    started = time.monotonic()
    assert (await _put(street)).status_code == 200
    assert time.monotonic() - started >= 0.3


async def test_a_fault_strikes_only_its_operation_and_person(street: Street) -> None:
    await _fault(street, "error_500", operation="tra-cuu", person=PERSON.personal_number)
    assert (await _put(street)).status_code == 200
    other = await street.labour("POST", f"{WRITE}/tra-cuu", {"so_dinh_danh": [OTHER.personal_number]})
    assert other["error"] is None
    url = f"{street.ready['labour_market']}/cungcau/v1/{WRITE}/tra-cuu"
    body = {"so_dinh_danh": [PERSON.personal_number, OTHER.personal_number]}
    struck = await street.http.post(url, json=body, headers=street.headers)
    assert struck.status_code == 500
    assert (await street.http.post(url, json=body, headers=street.headers)).status_code == 200


async def test_one_person_of_a_batch_is_refused_or_told_to_come_later(street: Street) -> None:
    await _fault(street, "refuse_person", person=PERSON.personal_number)
    await _fault(street, "busy_person", person=OTHER.personal_number)
    results = (await _put(street, PERSON, OTHER, WORLD.person(2))).json()["data"]
    assert [one["ket_qua"] for one in results] == ["tu_choi", "thu_lai", "thanh_cong"]
    assert await _changes(street) == 1


async def test_a_fault_ends_after_its_time_or_when_taken_away(street: Street) -> None:
    await street.mock("labour_market", "POST", "faults", [{"kind": "error_500", "for_s": 0.2}])
    assert (await _put(street)).status_code == 500
    await asyncio.sleep(0.25)
    assert (await _put(street)).status_code == 200
    await street.mock("labour_market", "POST", "faults", {"kind": "error_500"})
    assert (await _put(street)).status_code == 500
    await street.mock("labour_market", "DELETE", "faults")
    assert (await _put(street)).status_code == 200


async def test_an_unknown_fault_is_refused(street: Street) -> None:
    url = f"{street.ready['labour_market']}/_mock/faults"
    assert (await street.http.post(url, json=[{"kind": "earthquake"}])).status_code == 422


async def test_the_journal_says_what_happened(street: Street) -> None:
    await _fault(street, "lost_answer")
    with pytest.raises(httpx.TransportError):
        await _put(street)
    await _put(street, OTHER)
    journal = await street.mock("labour_market", "GET", "journal")
    assert [call["outcome"] for call in journal["calls"]] == ["done", "cut"]
    assert [call["fault"] for call in journal["calls"]] == [None, "lost_answer"]
    assert journal["counts"] == {WRITE: {"cut": 1, "done": 1}}
    only = await street.mock("labour_market", "GET", f"journal?person={OTHER.personal_number}&outcome=done")
    assert [call["people"] for call in only["calls"]] == [[OTHER.personal_number]]
    await street.mock("labour_market", "DELETE", "journal")
    assert (await street.mock("labour_market", "GET", "journal"))["counts"] == {}
