"""Pausing a system and seeing who waits, as people on duty type and read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.moments import after, moment
from gateway.cli.texts import catalogue
from gateway.clock import VIETNAM
from gateway.propagation.blocked import Behind
from tests.unit.cli.conftest import people
from tests.unit.cli.fake_gateway import FakeGateway

Lgsp = Callable[..., int]
NOON = dt.datetime(2026, 7, 5, 12, 0, tzinfo=VIETNAM)
PAUSE = {
    "target": "labour_market",
    "cause": "maintenance",
    "reason": "Nâng cấp máy chủ",
    "paused_by": "local",
    "paused_at": "2026-07-05T05:00:00.000000Z",
    "starts_at": "2026-07-05T15:00:00.000000Z",
    "ends_at": "2026-07-05T19:00:00.000000Z",
    "times": 0,
}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("22:00", "2026-07-05T22:00:00+07:00"),
        ("9:30", "2026-07-06T09:30:00+07:00"),
        ("12h00", "2026-07-06T12:00:00+07:00"),
        ("05/07/2026 22:00", "2026-07-05T22:00:00+07:00"),
        ("6/7/2026 02:15", "2026-07-06T02:15:00+07:00"),
        ("2026-07-05 22:00", "2026-07-05T22:00:00+07:00"),
        ("2026-07-05T22:00:00+00:00", "2026-07-05T22:00:00+00:00"),
    ],
)
def test_a_moment_is_read_by_the_clock_on_the_wall(typed: str, meant: str) -> None:
    assert moment(typed, NOON) == meant


@pytest.mark.parametrize("typed", ["", "25:00", "tomorrow", "31/02/2026 10:00", "10"])
def test_what_is_no_moment_is_said_so(typed: str) -> None:
    with pytest.raises(CliFault) as fault:
        moment(typed, NOON)
    assert fault.value.code == ExitCode.USAGE


@pytest.mark.parametrize(("typed", "minutes"), [("90m", 90), ("2h", 120), ("3 giờ", 180), ("45 phút", 45)])
def test_a_length_of_time_is_minutes_or_hours(typed: str, minutes: int) -> None:
    assert dt.datetime.fromisoformat(after(typed, NOON)) == NOON + dt.timedelta(minutes=minutes)


@pytest.mark.parametrize("typed", ["0m", "2", "h", "-1h", "1d"])
def test_what_is_no_length_is_said_so(typed: str) -> None:
    with pytest.raises(CliFault):
        after(typed, NOON)


def test_a_maintenance_window_is_ordered_as_typed(
    lgsp: Lgsp, fake: FakeGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    orders: list[dict[str, Any]] = []

    def take(request: httpx.Request) -> httpx.Response:
        orders.append(orjson.loads(request.content))
        return httpx.Response(200, json=PAUSE)

    fake.routes["POST", "/v1/targets/labour_market/pause"] = take
    window = ["--from", "05/07/2099 22:00", "--for", "4h", "--maintenance"]
    assert lgsp("propagation", "pause", "labour_market", "--reason", "Nâng cấp máy chủ", *window) == 0
    assert orders == [
        {
            "cause": "maintenance",
            "reason": "Nâng cấp máy chủ",
            "starts_at": "2099-07-05T22:00:00+07:00",
            "ends_at": "2099-07-06T02:00:00+07:00",
        }
    ]
    said = capsys.readouterr().out
    assert "bảo trì" in said
    assert "05/07/2026 22:00:00" in said
    assert "06/07/2026 02:00:00" in said


def test_until_and_for_together_are_refused_before_anything_is_sent(lgsp: Lgsp, fake: FakeGateway) -> None:
    both = ["--until", "22:00", "--for", "2h"]
    assert lgsp("propagation", "pause", "labour_market", "--reason", "x", *both) == ExitCode.USAGE
    assert fake.requests == []


def test_who_waits_behind_what_is_a_table_with_what_to_do(
    lgsp: Lgsp, fake: FakeGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.routes["GET", "/v1/propagation/blocked"] = {
        "items": [
            blocked("breaker", "maintenance", "outage", 1_200, said="hệ thống đang bảo trì"),
            blocked("dead_letter", "message-unfit", "record", 3, said="hệ thống không nhận một giá trị của hồ sơ"),
        ]
    }
    assert lgsp("propagation", "blocked") == 0
    said = capsys.readouterr().out
    assert "1,200" in said
    assert "hệ thống không trả lời ai" in said
    assert "maintenance: hệ thống đang bảo trì" in said
    assert catalogue()["advice.dead_letter.record"]["vi"] in said
    assert catalogue()["advice.breaker"]["vi"] in said


def test_when_nobody_waits_it_says_so(lgsp: Lgsp, fake: FakeGateway, capsys: pytest.CaptureFixture[str]) -> None:
    fake.routes["GET", "/v1/propagation/blocked"] = {"items": []}
    assert lgsp("propagation", "blocked", "--lang", "en") == 0
    assert catalogue()["propagation.nobody-waits"]["en"] in capsys.readouterr().out


def test_changes_that_are_not_on_the_stream_are_not_called_nobody(
    lgsp: Lgsp, fake: FakeGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.routes["GET", "/v1/propagation/blocked"] = {"items": [], "pending_events": 1_200}
    assert lgsp("propagation", "blocked", "--lang", "en") == 0
    said = capsys.readouterr().out
    assert "1,200 changes are not on the stream yet" in said
    assert catalogue()["propagation.nobody-waits"]["en"] not in said


def test_the_status_shows_each_system_its_pause_and_every_process(
    lgsp: Lgsp, fake: FakeGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    sender = {"process": "pc-1", "target": "labour_market", "breaker": "open", "cause": "timeout", "calls_under_way": 0}
    item = {"target": "labour_market", "state": "paused", "pause": PAUSE, "people": {"due": 7}, "senders": [sender]}
    fake.routes["GET", "/v1/targets"] = {"items": [item]}
    assert lgsp("propagation", "status") == 0
    said = capsys.readouterr().out
    assert "Nâng cấp máy chủ" in said
    assert "pc-1" in said
    assert catalogue()["breaker.open"]["vi"] in said


def test_every_reason_to_wait_has_a_name_and_an_advice() -> None:
    reasons = Behind.__args__  # type: ignore[attr-defined]  # what a Literal allows
    assert {f"behind.{one}" for one in reasons} | {f"advice.{one}" for one in reasons} <= set(catalogue())


def test_an_officer_who_submits_is_told_that_a_system_is_under_maintenance_and_that_nothing_is_lost(
    lgsp: Lgsp, fake: FakeGateway, csv_file: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    entries = httpx.MockTransport(fake._answer)

    def with_notice(request: httpx.Request) -> httpx.Response:
        del fake.routes["POST", "/v1/entries"]
        answer = entries.handle_request(request)
        answer.headers["LGSP-Paused"] = 'labour_market;cause="maintenance";until="2026-07-05T19:00:00.000000Z"'
        return answer

    fake.routes["POST", "/v1/entries"] = with_notice
    file = csv_file(people(2))
    assert lgsp("entries", "submit", str(file), "--declared-on", "2026-07-05") == 0
    said = capsys.readouterr().err
    assert "labour_market bảo trì đến 06/07/2026 02:00:00" in said
    assert "không cần nộp lại" in said


def blocked(behind: str, cause: str, cause_class: str, count: int, said: str) -> dict[str, Any]:
    return {
        "target": "labour_market",
        "behind": behind,
        "cause": cause,
        "cause_class": cause_class,
        "people": count,
        "oldest_since": "2026-07-05T05:00:00.000000Z",
        "next_attempt_at": None,
        "said": said,
    }
