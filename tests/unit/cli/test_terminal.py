"""The terminal: help in two languages, sentences instead of traces, and the verbs that ask the gateway."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from typer.core import TyperGroup

from gateway.cli.exit_codes import CliFault, ExitCode
from gateway.cli.leash import end_with_parent
from gateway.cli.root import build
from gateway.cli.session import Session
from gateway.cli.texts import catalogue
from mock_services.street import StreetPlan
from tests.unit.cli.fake_gateway import FakeGateway, problem

Lgsp = Callable[..., int]
ID = "01a2061c-9ebd-7000-a369-928be2cdfe1d"
PLACEHOLDER = re.compile(r"(?<!\{)\{(\w+)")


def verbs(group: TyperGroup, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for name, command in group.commands.items():
        found += verbs(command, (*path, name)) if isinstance(command, TyperGroup) else [(*path, name)]
    return found


EVERY_PAGE = [path for path in verbs(build("vi")) if path != ("mocks", "serve")]


@pytest.mark.parametrize("path", EVERY_PAGE, ids=" ".join)
def test_every_help_page_is_in_the_callers_language(
    lgsp: Lgsp, path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert lgsp(*path, "--help") == 0
    vietnamese = capsys.readouterr().out
    assert lgsp(*path, "--help", "--lang", "en") == 0
    english = capsys.readouterr().out
    assert "help." not in vietnamese + english
    assert ("Tùy chọn" in vietnamese, "Options" in english) == (True, True)
    assert ("Show this help" in vietnamese, "Hiện trợ giúp" in english) == (False, False)


def test_the_exit_codes_stand_below_the_help(lgsp: Lgsp, capsys: pytest.CaptureFixture[str]) -> None:
    assert lgsp("--lang", "en", "--help") == 0
    page = capsys.readouterr().out
    assert [code for code in ExitCode if code.meaning("en") not in page] == []


def test_every_text_is_in_both_languages_with_the_same_places_to_fill() -> None:
    for key, texts in catalogue().items():
        assert texts["vi"].strip(), key
        assert texts["en"].strip(), key
        assert sorted(PLACEHOLDER.findall(texts["vi"])) == sorted(PLACEHOLDER.findall(texts["en"])), key


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("entries", "submit"), "Thiếu 'FILE'"),
        (("entries", "submit", "a", "--bogus"), "Không có tùy chọn --bogus"),
        (("entries", "submit", "a", "--chunk", "many"), "--chunk"),
        (("entries", "eat"), "eat"),
        (("--lang", "fr", "rules", "list"), "vi hoặc en"),
        (("rules", "list", "--url", "ftp://x"), "http://"),
        (("rules", "list", "--token", "có dấu"), "ký tự"),
        (("workers", "find"), "--personal-number"),
        (("workers", "find", "--name", "A"), "--birth-date"),
        (("quarantine", "reject", ID, "--reason", " "), "--reason"),
        (("dead-letters", "retry"), "--all"),
        (("serve", "everything"), "serve everything"),
    ],
)
def test_wrong_use_is_a_sentence_and_2(
    lgsp: Lgsp, fake: FakeGateway, arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lgsp(*arguments) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert "Traceback" not in told
    assert fake.requests == []


def test_no_token_is_a_sentence(
    lgsp: Lgsp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LGSP_TOKEN")
    assert lgsp("rules", "list") == 2
    assert ".lgsp/token" in capsys.readouterr().err


def test_the_token_is_found_in_the_working_folder_and_goes_into_the_header_only(
    lgsp: Lgsp, fake: FakeGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LGSP_TOKEN")
    (tmp_path / ".lgsp").mkdir()
    (tmp_path / ".lgsp" / "token").write_text("from-the-file\n")
    fake.routes[("GET", "/v1/rules")] = {"items": []}
    assert lgsp("rules", "list", "--lang=en") == 0
    (request,) = fake.requests
    assert request.headers["Authorization"] == "Bearer from-the-file"
    assert request.headers["Accept-Language"] == "en"
    assert "from-the-file" not in str(request.url)


def test_an_unexpected_fault_is_a_sentence(
    lgsp: Lgsp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def burst(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Session, "ask", burst)
    assert lgsp("rules", "list") == 1
    told = capsys.readouterr().err
    assert "ZeroDivisionError" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("answer", "code", "sentence"),
    [
        (httpx.ConnectError("x"), 4, "lgsp serve"),
        (httpx.Response(503, text="x"), 4, "HTTP 503"),
        (httpx.Response(200, text="<html>"), 4, "không giống"),
        (httpx.Response(302, text=""), 4, "không giống"),
        (httpx.Response(404, text="nginx"), 6, "không giống"),
        (problem(404, "entry-not-found"), 8, "entry-not-found"),
        (problem(409, "quarantine-already-decided"), 6, "p-1"),
        (
            problem(422, "shape-invalid", ("target", "population|labour_market")),
            6,
            ": target, population|labour_market.",
        ),
    ],
)
def test_a_failed_request_is_a_sentence_and_a_code(
    lgsp: Lgsp,
    fake: FakeGateway,
    answer: httpx.Response | Exception,
    code: int,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake.fails = [answer]
    assert lgsp("entries", "show", ID) == code
    assert sentence in capsys.readouterr().err


ASKED: list[tuple[tuple[str, ...], str, str, Any]] = [
    (("entries", "show", ID), "GET", f"/v1/entries/{ID}", {"id": ID, "state": "accepted", "targets": []}),
    (("quarantine", "list"), "GET", "/v1/quarantine", {"items": [{"id": ID, "findings": []}], "next": None}),
    (("quarantine", "release", ID, "--reason", "ok"), "POST", f"/v1/quarantine/{ID}/release", {"state": "accepted"}),
    (("quarantine", "reject", ID, "--reason", "ok"), "POST", f"/v1/quarantine/{ID}/reject", {"state": "rejected"}),
    (("workers", "find", "--cmnd", "012345678"), "POST", "/v1/workers/lookup", {"items": [{"worker_id": ID}]}),
    (("workers", "show", ID), "GET", f"/v1/workers/{ID}", {"worker_id": ID, "groups": {}, "targets": []}),
    (("workers", "show", ID, "--history"), "GET", f"/v1/workers/{ID}/history", {"items": [{"entry_id": ID}]}),
    (("events", "tail", "--once"), "GET", "/v1/events", {"items": [{"position": 1, "event": {"subject": ID}}]}),
    (("dead-letters", "list"), "GET", "/v1/dead-letters", {"items": [{"worker_id": ID}]}),
    (("dead-letters", "show", ID, "population"), "GET", f"/v1/dead-letters/{ID}/population", {"worker_id": ID}),
    (("dead-letters", "retry", ID, "population"), "POST", f"/v1/dead-letters/{ID}/population/retry", {"worker_id": ID}),
    (("dead-letters", "retry", "--all"), "POST", "/v1/dead-letters/retry", {"retried": ID}),
    (("verifications", "list"), "GET", "/v1/verifications", {"items": [{"worker_id": ID}]}),
    (("rules", "list"), "GET", "/v1/rules", {"items": [{"rule": ID, "message": "{0}"}]}),
    (("quality", "show"), "GET", "/v1/quality", {"communes": [{"name": ID, "scores": {}, "colours": {}}]}),
]


@pytest.mark.parametrize(("arguments", "method", "path", "answer"), ASKED, ids=[" ".join(one[0][:2]) for one in ASKED])
def test_a_verb_asks_its_route_and_shows_the_answer_or_its_json(
    lgsp: Lgsp,
    fake: FakeGateway,
    arguments: tuple[str, ...],
    method: str,
    path: str,
    answer: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake.routes[(method, path)] = answer
    assert lgsp(*arguments) == 0
    assert ID in capsys.readouterr().out
    assert lgsp(*arguments, "--json") == 0
    shown = orjson.loads(capsys.readouterr().out)
    assert shown == (answer["items"][0] if arguments[0] == "events" else answer)


@pytest.mark.parametrize(
    ("code", "vietnamese", "english"),
    [
        ("settled", "đã khớp", "settled"),
        ("due", "chờ gửi", "to be sent"),
        ("parked", "dừng gửi (bản tin lỗi)", "parked (dead letter)"),
        ("waiting_for_identity", "chờ xác thực danh tính", "waiting for identity"),
        ("a_later_state", "a_later_state", "a_later_state"),
    ],
)
def test_states_are_shown_as_words(
    lgsp: Lgsp, fake: FakeGateway, code: str, vietnamese: str, english: str, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = [{"target": "population", "state": code}]
    fake.routes[("GET", f"/v1/entries/{ID}")] = {"id": ID, "state": "accepted", "targets": targets}
    assert lgsp("entries", "show", ID) == 0
    page = capsys.readouterr().out
    assert ("đã nhận" in page, "accepted" in page, vietnamese in page) == (True, False, True)
    assert lgsp("entries", "show", ID, "--lang", "en") == 0
    assert english in capsys.readouterr().out


def test_outcomes_are_shown_as_words(lgsp: Lgsp, fake: FakeGateway, capsys: pytest.CaptureFixture[str]) -> None:
    fake.routes[("GET", "/v1/verifications")] = {"items": [{"worker_id": ID, "outcome": "not_found"}]}
    assert lgsp("verifications", "list") == 0
    page = capsys.readouterr().out
    assert ("không tìm thấy" in page, "not_found" in page) == (True, False)


def test_a_number_never_stands_in_an_address(lgsp: Lgsp, fake: FakeGateway) -> None:
    fake.routes[("POST", "/v1/workers/lookup")] = {"items": []}
    assert lgsp("workers", "find", "--personal-number", "012090000123") == 0
    (request,) = fake.requests
    assert "012090000123" not in str(request.url)
    assert orjson.loads(request.content) == {"personal_number": "012090000123"}


def test_a_number_may_be_typed_instead_of_standing_in_the_command(
    lgsp: Lgsp, fake: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requirement 28: histories and lists of processes keep arguments."""
    fake.routes[("POST", "/v1/workers/lookup")] = {"items": []}
    monkeypatch.setattr("sys.stdin", io.StringIO("012090000123\n"))
    assert lgsp("workers", "find", "--personal-number", "-") == 0
    assert orjson.loads(fake.requests[0].content) == {"personal_number": "012090000123"}


def test_an_id_cannot_lead_to_another_route(lgsp: Lgsp, fake: FakeGateway) -> None:
    lgsp("entries", "show", "../quarantine?x=1")
    assert fake.requests[0].url.raw_path == b"/v1/entries/..%2Fquarantine%3Fx%3D1"


def test_quality_is_shown_as_coloured_bars_worst_first(
    lgsp: Lgsp, fake: FakeGateway, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def commune(name: str, score: int | None, colour: str | None) -> dict[str, Any]:
        return {"name": name, "records": 7, "scores": {"correct": score}, "colours": {"correct": colour}}

    communes = [commune("Xã Tốt", 95, "green"), commune("Xã Kém", 40, "red"), commune("Xã Mới", None, None)]
    fake.routes[("GET", "/v1/quality")] = {"communes": communes, "province": commune("", 67, "red")}
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert lgsp("quality", "show") == 0
    page = capsys.readouterr().out
    assert page.index("Xã Kém") < page.index("Xã Tốt") < page.index("Xã Mới") < page.index("Toàn tỉnh")
    assert re.search(r"\x1b\[31m█+░+  40 ■", page)
    assert re.search(r"\x1b\[32m█+░*  95 ●", page)


def test_what_others_wrote_cannot_steer_the_terminal(
    lgsp: Lgsp, fake: FakeGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.routes[("GET", "/v1/dead-letters")] = {"items": [{"worker_id": "[red]x[/red]\x1b[2J\u202e"}]}
    assert lgsp("dead-letters", "list") == 0
    page = capsys.readouterr().out
    assert "[red]x[/red]�[2J�" in page


@pytest.mark.parametrize(("code", "ours"), [(0, 0), (2, 2), (3, 9), (-9, 1)])
def test_the_mocks_run_in_a_process_of_their_own(
    lgsp: Lgsp, monkeypatch: pytest.MonkeyPatch, code: int, ours: int
) -> None:
    started: list[list[str]] = []

    class Child:
        def __init__(self, command: list[str], *, preexec_fn: object) -> None:
            assert preexec_fn is end_with_parent, "a killed command would leave its ports taken"
            started.append(command[1:])

        def wait(self) -> int:
            return code

    monkeypatch.setattr("gateway.cli.verbs.processes.subprocess.Popen", Child)
    assert lgsp("mocks", "serve", "--people", "9") == ours
    assert lgsp("data", "generate", "--people", "9", "--seed", "2", "--out", "a.csv", "--form", "nd318") == ours
    assert lgsp("data", "generate", "--people", "9", "--out", "b.csv") == ours
    assert started == [
        ["-m", "mock_services", "serve", "--people", "9"],
        ["-m", "mock_services", "generate", "--people", "9", "--seed", "2", "--out", "a.csv", "--form", "nd318"],
        # Unless told, the people whom the simulated systems know.
        ["-m", "mock_services", "generate", "--people", "9", "--seed", str(StreetPlan().seed), "--out", "b.csv"],
    ]


def test_a_part_that_fails_with_a_sentence_ends_with_its_code(
    lgsp: Lgsp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Part:
        @staticmethod
        def doctor(*, as_json: bool, lang: str) -> None:
            raise CliFault("error.url-wrong", ExitCode.CONFIGURATION, url=f"{as_json} {lang}")

    monkeypatch.setattr("gateway.cli.verbs.processes.import_module", lambda _name: Part)
    assert lgsp("doctor", "--json", "--lang", "en") == 9
    assert "True en" in capsys.readouterr().err


@pytest.mark.parametrize("path", EVERY_PAGE, ids=" ".join)
def test_no_word_of_the_parser_is_left_in_a_vietnamese_help_page(
    lgsp: Lgsp, path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert lgsp(*path, "--help") == 0
    page = capsys.readouterr().out
    words = ("Usage", "OPTIONS", "COMMAND", "ARGS", "<bool>", "<str>", "<int", "<float", "default", "required")
    assert [word for word in words if word in page] == []
