"""`lgsp entries submit` against a gateway in memory: results, resuming, broken lines, Ctrl-C."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from gateway.cli.submitting import courier
from gateway.cli.submitting.journal import SUFFIX
from tests.unit.cli.conftest import people
from tests.unit.cli.fake_gateway import FakeGateway, problem

Lgsp = Callable[..., int]
WriteCsv = Callable[..., Path]
ON = ("--declared-on", "2026-07-05")
GARBAGE = httpx.Response(200, text="<html>Đăng nhập mạng</html>", headers={"Content-Type": "text/html"})


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "BACKOFF_S_MIN", 0.001)
    monkeypatch.setattr(courier, "BACKOFF_S_MAX", 0.002)


def summary_of(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(capsys.readouterr().out)
    return found


def test_every_row_gets_a_result_and_all_good_is_0(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lgsp("entries", "submit", str(csv_file(people(450))), *ON, "--json") == 0
    assert sorted(fake.batches) == [50, 200, 200]
    found = summary_of(capsys)
    assert (found["rows"], found["states"]["accepted"], found["exit_code"]) == (450, 450, 0)


def test_doubted_rows_are_grouped_by_rule_and_end_with_3(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.doubted = frozenset(f"Lò Văn {number}" for number in range(3, 12))
    rows = [*people(20), ["x"] * 9]
    assert lgsp("entries", "submit", str(csv_file(rows)), *ON, "--json") == 3
    found = summary_of(capsys)
    assert found["states"] == {"accepted": 11, "unchanged": 0, "quarantined": 9, "refused": 0, "row_error": 1}
    reasons = {one["rule"]: one for one in found["reasons"]}
    assert (reasons["DUNG-002"]["count"], reasons["DUNG-002"]["first_rows"]) == (9, [5, 6, 7, 8, 9])
    assert reasons["DUNG-002"]["remedy"] == "Ghi lại đủ 12 số."
    assert reasons["cell-count"]["first_rows"] == [22]


def test_the_same_file_always_has_the_same_keys_and_other_options_have_others(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv
) -> None:
    path = str(csv_file(people(3)))
    assert lgsp("entries", "submit", path, *ON) == 0
    keys = set(fake.entries)
    assert lgsp("entries", "submit", path, *ON, "--no-resume") == 0
    assert set(fake.entries) == keys
    assert lgsp("entries", "submit", path, "--declared-on", "2026-07-06") == 0
    assert len(fake.entries) == 6


def test_the_journal_holds_nothing_personal(lgsp: Lgsp, csv_file: WriteCsv, tmp_path: Path) -> None:
    path = csv_file(people(3))
    assert lgsp("entries", "submit", str(path), *ON) == 0
    journal = (tmp_path / (path.name + SUFFIX)).read_text("utf-8")
    assert "Lò" not in journal
    assert "012090" not in journal
    lines = [orjson.loads(line) for line in journal.splitlines()[1:]]
    assert [set(line) for line in lines] == [{"row", "key", "id", "state", "version", "rules", "proof"}] * 3


def test_an_interrupted_run_is_continued_with_what_is_left(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(csv_file(people(60)))
    options = (*ON, "--chunk", "20", "--in-flight", "1", "--wait", "0")

    def break_in_the_third(_entries: list[dict[str, Any]]) -> None:
        if len(fake.batches) == 2:
            raise httpx.ConnectError("gone")

    fake.before = break_in_the_third
    assert lgsp("entries", "submit", path, *options) == 4
    assert "40 dòng" in capsys.readouterr().err
    fake.before = lambda _entries: None
    fake.batches.clear()
    assert lgsp("entries", "submit", path, *options, "--json") == 0
    assert fake.batches == [20]
    assert summary_of(capsys)["states"]["accepted"] == 60
    assert len(fake.entries) == 60


def test_ctrl_c_keeps_what_was_answered_and_ends_with_5(
    lgsp: Lgsp,
    fake: FakeGateway,
    csv_file: WriteCsv,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = str(csv_file(people(60)))
    from gateway.cli.submitting.summary import Summary

    add = Summary.add
    seen: list[int] = []

    def interrupt(self: Summary, outcomes: Any) -> None:
        add(self, outcomes)
        seen.append(1)
        if len(seen) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Summary, "add", interrupt)
    assert lgsp("entries", "submit", path, *ON, "--chunk", "20") == 5
    monkeypatch.undo()
    assert "Chạy lại đúng lệnh" in capsys.readouterr().err


def test_a_torn_last_line_of_the_journal_costs_only_that_row(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, tmp_path: Path
) -> None:
    path = csv_file(people(5))
    assert lgsp("entries", "submit", str(path), *ON) == 0
    journal = tmp_path / (path.name + SUFFIX)
    journal.write_bytes(journal.read_bytes()[:-30])
    fake.batches.clear()
    assert lgsp("entries", "submit", str(path), *ON) == 0
    assert fake.batches == [1]
    fake.batches.clear()
    assert lgsp("entries", "submit", str(path), *ON) == 0
    assert fake.batches == []


def test_a_changed_file_starts_anew(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lgsp("entries", "submit", str(csv_file(people(3))), *ON) == 0
    assert lgsp("entries", "submit", str(csv_file(people(4))), *ON) == 0
    assert fake.batches == [3, 4]
    assert "bắt đầu lại từ đầu" in capsys.readouterr().err


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        problem(503, "busy"),
        problem(429, "busy"),
        httpx.Response(500, text="oops"),
        GARBAGE,
        httpx.Response(200, json={"receipts": []}),
        httpx.Response(200, json=[]),
    ],
)
def test_a_failure_of_the_line_is_tried_again_with_the_same_keys(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, failure: httpx.Response | Exception
) -> None:
    fake.fails = [failure, failure]
    assert lgsp("entries", "submit", str(csv_file(people(3))), *ON) == 0
    assert fake.batches == [3]


def test_retry_after_is_honoured(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(courier.Courier, "_wait", lambda _self, seconds: waited.append(seconds))
    busy = problem(503, "busy")
    busy.headers["Retry-After"] = "7"
    fake.fails = [busy]
    assert lgsp("entries", "submit", str(csv_file(people(1))), *ON) == 0
    assert waited == [7.0]


def test_a_body_refused_as_a_whole_is_halved_until_the_culprit_stands_alone(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        entries = orjson.loads(request.content)["entries"]
        if any(entry["fields"]["ho_ten"] == "Lò Văn 5" for entry in entries):
            return problem(413, "body-too-large")
        return httpx.Response(200, json={"receipts": [fake._receipt(entry) for entry in entries]})

    fake.routes[("POST", "/v1/entries")] = refuse
    assert lgsp("entries", "submit", str(csv_file(people(10))), *ON, "--json") == 3
    found = summary_of(capsys)
    assert (found["states"]["accepted"], found["states"]["refused"]) == (9, 1)
    assert found["reasons"][0]["first_rows"] == [7]


def test_a_wrong_token_ends_at_once_with_the_gateways_sentence(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.fails = [problem(401, "token-invalid")] * 3
    assert lgsp("entries", "submit", str(csv_file(people(3))), *ON) == 6
    assert "token-invalid" in capsys.readouterr().err


def test_a_senders_own_key_is_kept(lgsp: Lgsp, fake: FakeGateway, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    entry = {"form": "tt11_mau03", "declared_on": "2026-07-05", "fields": {"ho_ten": "A"}}
    path.write_bytes(b"\n".join([orjson.dumps({**entry, "key": "mine"}), b"", orjson.dumps(entry)]))
    assert lgsp("entries", "submit", str(path)) == 0
    assert "mine" in fake.entries
    assert len(fake.entries) == 2


def test_a_broken_json_line_spoils_only_itself(
    lgsp: Lgsp, fake: FakeGateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = orjson.dumps({"form": "nd318", "fields": {}})
    lines = [b"\xef\xbb\xbf" + good, b'{"a":1,"a":2}', b"[1]", b"{", b'{"x":NaN}', b'{"x":1e999}', b'"\\ud800"', good]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    assert lgsp("entries", "submit", "a.jsonl", *ON, "--json") == 3
    found = summary_of(capsys)
    assert (found["states"]["accepted"], found["states"]["row_error"]) == (2, 6)
    rules = {one["rule"]: one["first_rows"] for one in found["reasons"]}
    assert rules["duplicate-member"] == [2]
    assert rules["wrong-type"] == [3]
    assert all(entry["declared_on"] == "2026-07-05" for entry in fake.entries.values())


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl"])
def test_the_result_file_has_one_line_per_row(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, tmp_path: Path, suffix: str
) -> None:
    fake.doubted = frozenset({"Lò Văn 1"})
    out = tmp_path / f"kq.{suffix}"
    path = str(csv_file([*people(3), ["x"]]))
    for _ in range(2):
        assert lgsp("entries", "submit", path, *ON, "--out", str(out)) == 3
        rows = _read(out)
        assert [row[0] for row in rows] == ["2", "3", "4", "5"]
        assert [row[1] for row in rows] == _states(suffix)
        assert "11 chữ số" in rows[1][2]


def _states(suffix: str) -> list[str]:
    if suffix == "jsonl":
        return ["accepted", "quarantined", "accepted", "row_error"]
    return ["đã nhận", "chờ xử lý", "đã nhận", "lỗi dòng"]


def _read(path: Path) -> list[list[str]]:
    if path.suffix == ".jsonl":
        values = [orjson.loads(line) for line in path.read_bytes().splitlines()]
        return [[str(one["row"]), one["state"], " ".join(r["message"] for r in one["remarks"])] for one in values]
    if path.suffix == ".csv":
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    else:
        from openpyxl import load_workbook

        sheet = load_workbook(path).active
        rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    return [[row[0], row[1], row[5]] for row in rows[1:]]


def test_what_looks_like_a_formula_is_made_text(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, tmp_path: Path
) -> None:
    """Requirement 24."""
    from tests.unit.cli import fake_gateway

    evil = {**fake_gateway.FINDING, "message": "=cmd|'/c calc'!A0", "remedy": "@SUM(1)"}
    receipt = {"id": "-1", "state": "quarantined", "version": None, "findings": [evil]}
    fake.routes[("POST", "/v1/entries")] = {"receipts": [receipt]}
    out = tmp_path / "kq.csv"
    assert lgsp("entries", "submit", str(csv_file(people(1))), *ON, "--out", str(out)) == 3
    (row,) = list(csv.reader(out.read_text("utf-8-sig").splitlines()))[1:]
    assert (row[2], row[5][:2], row[6][:2]) == ("'-1", "'=", "'@")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--out", "kq.txt"), 2),
        (("--out", "ds.csv"), 2),
        (("--out", "nowhere/kq.csv"), 7),
        (("--declared-on", "5/7/2026"), 2),
        (("--commune", "00000"), 2),
        (("--form", "mau01"), 2),
        (("--chunk", "0"), 2),
    ],
)
def test_wrong_options_are_refused_before_anything_is_sent(
    lgsp: Lgsp, fake: FakeGateway, csv_file: WriteCsv, arguments: tuple[str, ...], code: int
) -> None:
    options = arguments if "--declared-on" in arguments else (*ON, *arguments)
    assert lgsp("entries", "submit", str(csv_file(people(2))), *options) == code
    assert fake.requests == []


def test_without_a_writable_folder_the_rows_are_sent_all_the_same(
    lgsp: Lgsp,
    fake: FakeGateway,
    csv_file: WriteCsv,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("gateway.cli.submitting.journal.os.access", lambda _path, mode: mode != os.W_OK)
    assert lgsp("entries", "submit", str(csv_file(people(2))), *ON) == 0
    assert len(fake.entries) == 2
    assert "không phiếu nào bị nhận hai lần" in capsys.readouterr().err
