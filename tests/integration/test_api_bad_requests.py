"""Requests that are wrong around the body: size, type, path, method, query, token. Each is refused by name."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import orjson
import pytest

from tests.integration.api_door import TOKEN, ApiDoor, check_problem, opened

NOBODY = "00000000-0000-4000-8000-000000000000"
HUGE = 100_000_000
READS = (
    "/v1/entries/" + NOBODY,
    "/v1/workers/" + NOBODY,
    f"/v1/workers/{NOBODY}/history",
    f"/v1/workers/{NOBODY}/observations",
    f"/v1/dead-letters/{NOBODY}/population",
)
LISTS = ("/v1/quarantine", "/v1/events", "/v1/dead-letters", "/v1/verifications")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[ApiDoor]:
    with opened(tmp_path_factory.mktemp("door"), module_database_url) as made:
        yield made


def _head(method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {TOKEN}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_a_body_that_announces_100_mb_is_refused_before_it_is_sent(door: ApiDoor) -> None:
    """Requirement 15."""
    started_s = time.monotonic()
    answer = door.raw(_head("POST", "/v1/entries", "Content-Type: application/json", f"Content-Length: {HUGE}"))
    assert _status(answer) == 413
    assert b"body-too-large" in answer
    assert time.monotonic() - started_s < 5


def test_a_chunked_body_of_100_mb_is_refused_when_it_passes_the_limit(door: ApiDoor) -> None:
    """Requirement 15."""
    chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    sent = 0

    def parts() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(HUGE // 0x100000):
            yield chunk
            sent += 1

    before = door.memory_bytes()
    answer = door.raw(
        _head("POST", "/v1/entries", "Content-Type: application/json", "Transfer-Encoding: chunked"), body=parts()
    )
    assert _status(answer) == 413
    assert b"body-too-large" in answer
    # What comes behind the limit is thrown away, not kept.
    assert sent > 16
    assert door.memory_bytes() - before < 50_000_000


def test_many_huge_bodies_at_once_keep_nobody_else_waiting(door: ApiDoor) -> None:
    huge = orjson.dumps({"entries": [{"fields": {"x": "y" * 15_000_000}}]})
    with ThreadPoolExecutor(4) as crowd:
        sending = [crowd.submit(door.post, huge) for _ in range(4)]
        started_s = time.monotonic()
        assert door.http.get("/livez").status_code == 200
        assert time.monotonic() - started_s < 5
        for one in sending:
            assert one.result().json()["receipts"][0]["state"] == "refused"


def test_a_body_that_never_comes_ends_with_its_connection_and_stores_nothing(door: ApiDoor) -> None:
    request = _head("POST", "/v1/entries", "Content-Type: application/json", "Content-Length: 50")
    assert door.raw(request + b'{"form":', within_s=0.5, hang_up=True) == b""
    assert door.http.get("/livez").status_code == 200


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"],
)
def test_another_media_type_is_refused_by_name(door: ApiDoor, media_type: str) -> None:
    answer = door.http.post("/v1/entries", content=b"{}", headers={"Content-Type": media_type})
    assert check_problem(answer, 415, "unsupported-media-type")["fields"] == ["Content-Type"]


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic abc", f"bearer{TOKEN}", f"Token {TOKEN}"])
def test_a_request_without_a_token_is_refused_and_told_how(door: ApiDoor, header: str | None) -> None:
    bare = httpx.Client(base_url=door.http.base_url, trust_env=False)
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("GET", "/v1/status"), ("POST", "/v1/entries"), ("GET", READS[0])):
        answer = bare.request(method, path, headers=headers)
        problem = check_problem(answer)
        assert (answer.status_code, problem["fields"]) == (401, ["Authorization"])
        assert answer.headers["www-authenticate"].startswith("Bearer")
    bare.close()


@pytest.mark.parametrize("token", ["x", TOKEN + "x", TOKEN[:-1], TOKEN.upper(), "é" * 20, "a" * 10_000])
def test_a_wrong_token_is_refused_and_never_repeated(door: ApiDoor, token: str) -> None:
    answer = door.http.get("/v1/status", headers={b"Authorization": f"Bearer {token}".encode()})
    check_problem(answer, 401, "token-invalid")
    assert token not in answer.text or len(token) == 1


@pytest.mark.parametrize("path", READS)
def test_what_does_not_exist_is_a_problem_of_its_own(door: ApiDoor, path: str) -> None:
    answer = door.http.get(path)
    assert answer.status_code == 404
    assert check_problem(answer)["code"].endswith("-not-found")


@pytest.mark.parametrize(
    "junk",
    ["1", "x", "%00", "%0d%0aX-A:b", "..%2f..%2fetc", "%ff%fe", "%F0%9F%98%80", "{}", "012090000001", NOBODY + "x",
     NOBODY.replace("-", ""), f"urn:uuid:{NOBODY}", f"%7B{NOBODY}%7D", "a" * 4_000],
)  # fmt: skip
def test_junk_in_the_place_of_an_id_is_nobody(door: ApiDoor, junk: str) -> None:
    for path in READS:
        answer = door.raw(_head("GET", path.replace(NOBODY, junk), "Connection: close"))
        assert _status(answer) in (400, 404), (path, answer[:200])
        assert junk.encode() not in answer.partition(b"\r\n\r\n")[2] or len(junk) < 3


def test_an_id_is_found_in_capitals_too(door: ApiDoor) -> None:
    entry_id = door.post(orjson.dumps(door.entry())).json()["id"]
    assert door.http.get(f"/v1/entries/{entry_id.upper()}").json()["id"] == entry_id


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v2/entries", "/v1/entries/", "/v1/entries/a/b", "//v1/entries", "/docs"]
)
def test_another_path_is_not_found_and_leads_nowhere_else(door: ApiDoor, path: str) -> None:
    for method in ("GET", "POST"):
        answer = door.http.request(method, path, content=b"{}" if method == "POST" else None)
        check_problem(answer, 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/entries", "POST"),
        ("PUT", "/v1/entries", "POST"),
        ("DELETE", f"/v1/entries/{NOBODY}", "GET"),
        ("PATCH", "/v1/quarantine", "GET"),
        ("GET", f"/v1/quarantine/{NOBODY}/release", "POST"),
        ("POST", "/livez", "GET"),
        ("GET", "/v1/workers/lookup", "POST"),
        ("TRACE", "/v1/status", "GET"),
    ],
)
def test_another_method_is_refused_and_the_right_one_named(door: ApiDoor, method: str, path: str, allowed: str) -> None:
    answer = door.http.request(method, path)
    check_problem(answer, 405, "method-not-allowed")
    assert allowed in answer.headers["allow"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "-1", "501", "1.5", "١", "x", "", "1e2", "9" * 30, " 1", "+1"])
def test_a_page_size_out_of_bounds_is_refused_by_name(door: ApiDoor, path: str, limit: str) -> None:
    """Requirement 20."""
    assert "limit" in check_problem(door.http.get(path, params={"limit": limit}), 422, "shape-invalid")["fields"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "-1",
        "~",
        "~~",
        "~~~~",
        "a~b",
        "a~b~c",
        "a~b~c~d",
        f"2026-07-05T01:02:03.000004Z~{NOBODY}~moon",
        "2026-07-05T01:02:03.000004Z~x~population",
        "\x00",
        "x" * 300,
        "9" * 40,
        "' OR 1=1",
        "%",
    ],
)
def test_a_cursor_that_we_never_gave_is_refused_by_name(door: ApiDoor, path: str, cursor: str) -> None:
    assert check_problem(door.http.get(path, params={"after": cursor}), 400, "cursor-invalid")["fields"][0] == "after"


def test_the_largest_position_that_the_document_allows_is_taken_and_the_next_is_not(door: ApiDoor) -> None:
    assert door.http.get("/v1/events", params={"after": 2**62}).json()["items"] == []
    check_problem(door.http.get("/v1/events", params={"after": 2**62 + 1}), 400, "cursor-invalid")


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/v1/verifications", {"outcome": "maybe"}, "outcome"),
        ("/v1/dead-letters", {"target": "moon"}, "target"),
        ("/v1/dead-letters", {"cause": "a\x00b"}, "cause"),
        ("/v1/dead-letters", {"cause": "x" * 65}, "cause"),
        ("/v1/quality", {"commune": "1"}, "commune"),
        ("/v1/quality", {"commune": "٠٣٣٨٨"}, "commune"),
        ("/v1/events", {"wait_s": "26"}, "wait_s"),
        (f"/v1/workers/{NOBODY}", {"reveal": "yes"}, "reveal"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(door: ApiDoor, path: str, query: dict[str, str], field: str) -> None:
    assert check_problem(door.http.get(path, params=query), 422, "shape-invalid")["fields"][0] == field


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "lookup-without-criteria"),
        ({"full_name": "Lò Văn A"}, "lookup-without-criteria"),
        ({"personal_number": "1"}, "identifier-invalid"),
        ({"cmnd": "١٢٣٤٥٦٧٨٩"}, "identifier-invalid"),
        ({"social_insurance_number": "x" * 10}, "identifier-invalid"),
        ({"personal_number": 12090000001}, "wrong-type"),
        ({"personal_number": "0" * 201}, "wrong-type"),
        ({"number": "012090000001"}, "unknown-field"),
        ([], "wrong-type"),
    ],
)
def test_a_look_up_that_asks_for_nothing_is_refused(door: ApiDoor, body: object, code: str) -> None:
    problem = check_problem(door.http.post("/v1/workers/lookup", json=body), 422, code)
    assert problem["fields"]


@pytest.mark.parametrize(
    ("header", "code"),
    [("k" * 129, "too-long"), ("", "shape-invalid")],
)
def test_a_key_in_the_header_of_another_length_is_refused(door: ApiDoor, header: str, code: str) -> None:
    answer = door.post(orjson.dumps(door.entry()), **{"Idempotency-Key": header})
    assert check_problem(answer, 422, code)["fields"][0] == "Idempotency-Key"


def test_a_key_in_the_header_must_agree_with_the_entrys_and_fits_no_list(door: ApiDoor) -> None:
    entry = door.entry()
    differing = door.post(orjson.dumps({**entry, "key": "a"}), **{"Idempotency-Key": "b"})
    assert "Idempotency-Key" in check_problem(differing, 422, "shape-invalid")["fields"]
    listed = door.post(orjson.dumps({"entries": [entry]}), **{"Idempotency-Key": "b"})
    assert "Idempotency-Key" in check_problem(listed, 422, "shape-invalid")["fields"]


def _event_of(door: ApiDoor, trace: str) -> dict[str, object]:
    """Submit with a trace; the event that the entry caused, from the end of the log."""
    worker_id = door.post(orjson.dumps(door.entry()), traceparent=trace).json()["worker_id"]
    after, deadline_s = 0, time.monotonic() + 10
    while time.monotonic() < deadline_s:
        page = door.http.get("/v1/events", params={"after": after, "limit": 500, "wait_s": 1}).json()
        for one in page["items"]:
            if one["event"]["subject"] == worker_id:
                return dict(one["event"])
        after = page["next"]
    raise AssertionError("no event")


@pytest.mark.parametrize("trace", ["x", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "a" * 8_000, "01-x"])
def test_instead_of_a_trace_that_is_none_the_event_has_one_of_its_own(door: ApiDoor, trace: str) -> None:
    event = _event_of(door, trace)
    assert str(event["traceparent"])[3:35] == str(event["causationid"]).replace("-", "")
    assert event["correlationid"] == event["causationid"]


def test_a_trace_is_carried_into_the_event(door: ApiDoor) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert _event_of(door, trace)["traceparent"] == trace


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"BREW /v1/status HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/entries HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 5_000 + b"\r\n",
    ],
    ids=range(9),
)
def test_bytes_that_are_no_request_are_answered_with_a_4xx_or_hung_up_on(door: ApiDoor, request_bytes: bytes) -> None:
    answer = door.raw(request_bytes, within_s=3.0, hang_up=True)
    assert answer == b"" or 400 <= _status(answer) < 500
    assert door.http.get("/livez").status_code == 200


def test_a_problem_speaks_the_callers_language_and_vietnamese_otherwise(door: ApiDoor) -> None:
    for wanted, title in (("en", "There is no such address"), ("vi", "Không có địa chỉ này"), ("fr", "Không có")):
        assert title in door.http.get("/nowhere", headers={"Accept-Language": wanted}).json()["title"]
