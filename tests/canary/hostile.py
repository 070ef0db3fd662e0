"""Requests that are wrong in every way we know, each full of somebody's identity."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx
import orjson

from contracts.forms import spec
from mock_services.files.entries import nd318_fields, tt11_fields
from mock_services.people.person import Person
from tests.canary.house import BODY_BYTES_MAX, CanaryHouse
from tests.canary.people import at_work
from tests.journeys.people import entry_of

JSON: Final = {"Content-Type": "application/json"}
_FORMS: Final = {"tt11_mau03": tt11_fields, "nd318": nd318_fields}
# What is free text by its nature is stored as it is given, and may be told (see the threat model).
_NO_FREE_TEXT: Final = {"code", "codes", "birth_date", "number_id", "address", "date", "contract", "qualification"}
_HEADERS: Final = (
    *("LGSP-Purpose", "LGSP-Purpose-Reference", "LGSP-Reference", "Accept-Language", "traceparent", "tracestate"),
    *("X-Request-Id", "X-Correlation-Id", "User-Agent", "Referer", "Accept", "Cookie", "DPoP", "lgspaccesstoken"),
    *("X-Forwarded-For", "Forwarded", "If-None-Match", "Expect"),
)
NOBODY: Final = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One request that must be refused, or taken without a trace in clear."""

    name: str
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterator[bytes] = b""
    key: str = ""
    """The sender's own key, which its receipt repeats."""


def entry(person: Person, **fields: Any) -> dict[str, Any]:
    """What the person declared."""
    made = entry_of(person, **fields)
    return {**made, "fields": at_work(made["fields"])}


def send_all(house: CanaryHouse, person: Person) -> None:
    """Send all of them; none is a fault of ours."""
    for wrong in (*_bodies(person), *_members(person), *_addresses(person), *_headers(person)):
        try:
            answer = house.ask(
                wrong.name, wrong.method, wrong.path, headers=wrong.headers, content=wrong.body, own=wrong.key
            )
        except httpx.TransportError:
            assert wrong.name.startswith("oversized")  # refused before all of it was sent
        else:
            assert answer.status_code < 500, (wrong.name, answer.text)
            assert answer.status_code != 429, wrong.name
    for misplaced in _misplaced(person):
        assert house.ask("misplaced", "POST", "/v1/entries", json=misplaced).status_code < 500
    _speak_no_http(house, person)


def _bodies(person: Person) -> Iterator[Wrong]:
    whole = orjson.dumps(entry(person))
    number, name = person.personal_number.encode(), person.full_name.encode()
    bodies = {
        "cut": whole[:-20],
        "no-json": b"so_dinh_danh=" + number + b"&ho_ten=" + name,
        "twice": b'{"' + number + b'":1,"' + number + b'":2}',
        "nan": b'{"' + number + b'": NaN}',
        "huge": b'{"' + name + b'": 1e999, "so": ' + number * 40 + b"}",
        "surrogate": b'{"' + number + b'": "' + name + b'\\ud800"}',
        "deep": (b'{"' + number + b'":') * 30 + b"1" + b"}" * 30,
        "bom": b"\xef\xbb\xbf" + whole,
        "utf-16": whole.decode().encode("utf-16"),
        "latin": name[:-1] + b"\xff" + number,
        "list": b"[" + whole + b"]",
        "text": b'"' + number + b'"',
        "number": person.cmnd.encode() if person.cmnd else b"1",
        "nul": whole.replace(name, name + b"\\u0000"),
    }
    for title, body in bodies.items():
        yield Wrong(f"body-{title}", "POST", "/v1/entries", JSON, body)
        yield Wrong(f"body-{title}", "POST", "/v1/workers/lookup", JSON, body)
    for media in ("text/csv", "multipart/form-data; boundary=x", f"application/{person.personal_number}"):
        yield Wrong("media", "POST", "/v1/entries", {"Content-Type": media}, whole)
    much = (number + name) * (BODY_BYTES_MAX // 20)
    yield Wrong("oversized", "POST", "/v1/entries", JSON, much)
    yield Wrong("oversized-chunked", "POST", "/v1/entries", JSON, iter(_parts(much)))


def _parts(much: bytes) -> Iterator[bytes]:
    return (much[at : at + 65_536] for at in range(0, len(much), 65_536))


def _members(person: Person) -> Iterator[Wrong]:
    """Members nobody knows, whose names and values tell who it is."""
    told = {person.personal_number: person.full_name, person.full_name: person.cmnd, "ho_va_ten": person.full_name}
    known = entry(person)
    bodies: dict[str, object] = {
        "/v1/entries": {**known, **told},
        "/v1/workers/lookup": {"personal_number": person.personal_number, **told},
        "/v1/erasures": {"worker_id": person.personal_number, **told},
        f"/v1/quarantine/{NOBODY}/release": {"reason": person.full_name, **told},
        "/v1/dead-letters/retry": {"target": person.personal_number, "cause": person.full_name, **told},
        "/v1/callers": {"name": person.personal_number, "role": person.full_name, **told},
        "/v1/agencies": {"code": person.personal_number, **told},
        "/v1/targets/population/pause": {"cause": person.personal_number, **told},
        "/token": told,
    }
    for path, body in bodies.items():
        yield Wrong("members", "POST", path, JSON, orjson.dumps(body))
    within = {**known, "fields": {**known["fields"], **told}}
    for value in (within, {"entries": [within, told, person.personal_number]}, {"entries": [known], **told}):
        yield Wrong("members-within", "POST", "/v1/entries", JSON, orjson.dumps(value))
    for values in ({"personal_number": [person.personal_number]}, {"cmnd": person.personal_number * 30}):
        yield Wrong("lookup", "POST", "/v1/workers/lookup", JSON, orjson.dumps(values))


def _misplaced(person: Person) -> Iterator[dict[str, Any]]:
    """As a table whose columns have slipped: what identifies stands where codes, dates and other numbers should."""
    values = (person.personal_number, person.full_name, person.permanent.detail, person.cmnd)
    for form, filled in _FORMS.items():
        known = filled(person, "2026-11-10")
        for asked in spec(form).fields:
            if asked.kind in _NO_FREE_TEXT:
                yield from (_of(person, form, {**known, asked.name: _in(asked.kind, one)}) for one in values)
        for name in ("form", "declared_on", "collected_on", "commune", "slip_kind", "update_source", "replaces"):
            yield from ({**_of(person, form, known), name: one} for one in values)
    yield entry(person, ho_ten=f"{person.full_name} {person.personal_number}")
    yield entry(person, so_dinh_danh=f"{person.personal_number}9", ma_so_bhxh=person.personal_number)
    yield entry(person, gioi_tinh="1" if person.sex == "2" else "2", ngay_sinh="1968-13-40")


def _of(person: Person, form: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {**entry(person), "form": form, "fields": at_work(fields)}


def _in(kind: str, value: str | None) -> object:
    match kind:
        case "codes":
            return [value]
        case "address":
            return {"ma_tinh": value, "ma_xa": value, "chi_tiet": value, "ngay_ma": value}
        case "contract":
            return {"loai": value, "ngay_bat_dau": value}
        case "qualification":
            return {"ma": value}
        case _:
            return value


def _addresses(person: Person) -> Iterator[Wrong]:
    for value in (
        person.personal_number,
        quote(person.full_name),
        quote(person.permanent.detail),
        "%00" + person.personal_number,
    ):
        for path in (
            "",
            "v1/",
            "v1/workers/",
            "v1/entries/",
            "v1/erasures/",
            "v1/callers/",
            "v1/dead-letters/population/",
        ):
            yield Wrong("path", "GET", f"/{path}{value}")
        for path in ("quarantine/{}/release", "quarantine/{}/reject", "dead-letters/{}/population/retry"):
            yield Wrong("path-post", "POST", "/v1/" + path.format(value), JSON, b'{"reason":"x"}')
        yield Wrong("path-delete", "DELETE", f"/v1/workers/{value}")
        for path in ("workers", "events", "dead-letters", "verifications", "quality", "quarantine", "status", "audit"):
            asked = "&".join(f"{name}={value}" for name in ("q", "after", "limit", "cause", "outcome", "commune"))
            yield Wrong("query", "GET", f"/v1/{path}?{asked}")
        yield Wrong("query-token", "GET", f"/v1/status?access_token={value}&{value}={value}")
        yield Wrong(
            "query-reveal", "GET", f"/v1/workers/{NOBODY}?reveal={value}&purpose={value}&purpose_reference={value}"
        )


def _headers(person: Person) -> Iterator[Wrong]:
    number = person.personal_number
    encoded = base64.b64encode(f"{number}:{person.cmnd}".encode()).decode()
    for name in _HEADERS:
        for value in (number, encoded):
            yield Wrong("header", "GET", f"/v1/workers/{NOBODY}", {name: value})
    for name in ("DPoP", "lgspaccesstoken", "Authorization"):
        for value in (number, encoded, f"Bearer {number}", f"Basic {encoded}", f"DPoP {number}"):
            yield Wrong("header-token", "POST", "/token", {name: value, **JSON}, b"{}")
            yield Wrong("header-token", "GET", "/v1/status", {name: value})
    keyed = {**JSON, "Idempotency-Key": number}
    again, other = entry(person, days_ago=11), {**entry(person), "key": person.cmnd}
    yield Wrong("key", "POST", "/v1/entries", keyed, orjson.dumps(entry(person)), number)
    yield Wrong("key-again", "POST", "/v1/entries", keyed, orjson.dumps(again), number)
    yield Wrong("key-other", "POST", "/v1/entries", keyed, orjson.dumps(other), str(person.cmnd))
    yield Wrong("key-many", "POST", "/v1/entries", keyed, orjson.dumps({"entries": [entry(person)]}))
    for key in (f"phieu {number}", f"phieu {person.cmnd}"):
        yield Wrong("key-within", "POST", "/v1/entries", JSON, orjson.dumps({**entry(person), "key": key}), key)


def _speak_no_http(house: CanaryHouse, person: Person) -> None:
    """What a server cannot read as HTTP, it may be tempted to write down."""
    host, _, port = house.url.rpartition("//")[2].partition(":")
    number = person.personal_number.encode()
    for said in (
        number + b"\r\n\r\n",
        number + b" /" + number + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + number + b"\r\n\r\n",
        b"POST /v1/entries HTTP/1.1\r\nHost: x\r\nContent-Length: " + number + b"x\r\n\r\n" + number,
        b"POST /v1/entries HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + number + b"\r\n",
        b"GET /" + number * 9_000 + b" HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection((host, int(port)), 10) as connection:
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)
            try:
                house.keep("no-http", connection.recv(65_536))
            except ConnectionResetError:
                continue
