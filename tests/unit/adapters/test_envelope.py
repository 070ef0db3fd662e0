"""Errors told inside a 200 answer, by the tables."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.lgsp.envelope import fault_in_json, item_outcome, item_place, listed_causes
from adapters.lgsp.tables import read_rows
from contracts.adapter_port import Delivered, Refused, TryLater


@pytest.mark.parametrize(
    ("system", "service", "answer", "cause", "later"),
    [
        ("labour_market", "tra-cuu", {"error": {"code": "BAO_TRI"}}, "maintenance", True),
        ("labour_market", "tra-cuu", {"error": {"code": "KHONG_CO_QUYEN"}}, "no-right", True),
        ("labour_market", "tra-cuu", {"error": {"code": "QUA_SO_LUONG"}}, "too-many-people", False),
        ("labour_market", "tra-cuu", {"error": {"code": "MOI"}}, "unknown-code", False),
        ("labour_market", "tra-cuu", {"fault": {"code": 900802}}, "quota", True),
        ("labour_market", "tra-cuu", {"fault": {"code": 101503}}, "unreachable-behind-platform", True),
        ("social_insurance", "layThayDoi", {"error_code": "99"}, "server-error", True),
        ("social_insurance", "layThayDoi", {"error_code": "03"}, "message-unfit", False),
        ("social_insurance", "layThayDoi", {"Status": "0", "Message": "x"}, "maintenance", True),
        ("social_insurance", "getTraCuuTtHgdByMaSoBhxh", {"trangThai": "0"}, "not-found", False),
        ("social_insurance", "getTraCuuTtHgdByMaSoBhxh", {"Status": "0"}, "maintenance", True),
        ("social_insurance", "getMaSoBhxhTheoTieuChi", {"errorCode": "02"}, "several-people", False),
        ("lgsp", "dmdc.Category.POST", {"MSG": "Data not insert: Record 1"}, "unknown-code", False),
    ],
)
def test_an_error_inside_an_answer_is_recognised(
    system: str, service: str, answer: dict[str, Any], cause: str, later: bool
) -> None:
    fault = fault_in_json(system, service, answer)
    assert fault is not None
    assert (fault.cause, fault.later) == (cause, later)


@pytest.mark.parametrize(
    ("system", "service", "answer"),
    [
        ("labour_market", "tra-cuu", {"data": [], "error": None, "total": 0}),
        ("social_insurance", "layThayDoi", {"error_code": "00"}),
        ("social_insurance", "getTraCuuTtHgdByMaSoBhxh", {"trangThai": "1"}),
        ("lgsp", "dmdc.Category.POST", {"MSG": "Done", "Count": 1}),
    ],
)
def test_success_is_no_fault(system: str, service: str, answer: dict[str, Any]) -> None:
    assert fault_in_json(system, service, answer) is None


def test_a_service_that_must_say_success_and_says_nothing_has_not_answered() -> None:
    with pytest.raises(TryLater, match="not-an-answer"):
        fault_in_json("social_insurance", "layThayDoi", {"result": None})


def test_items_have_outcomes_of_their_own() -> None:
    place = item_place("population", "CapNhatThongTinLaoDong", "xml")
    outcomes = [item_outcome("population", place, code) for code in ("00", "02", "09", "77", None)]
    said = [(type(one), getattr(one, "cause", "")) for one in outcomes]
    assert said == [
        (Delivered, ""),
        (Refused, "identity-does-not-agree"),
        (TryLater, "file-in-use"),
        (Refused, "unknown-code"),
        (TryLater, "not-an-answer"),
    ]


def test_every_known_error_code_has_a_cause_of_ours() -> None:
    known = {
        (row["system"], row["scope"], row["code"])
        for row in read_rows("contracts", "external", "error_codes.csv")
        if row["code"] != "00"
    }
    assert known - set(listed_causes()) == set()
