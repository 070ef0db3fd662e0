"""Texts made to be taken for more than text, in every place that takes one: no 5xx, no delay, no effect (req. 23).

A delay of theirs is longer than the client waits, and a command would leave a file: neither needs a clock to be seen.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest

from adapters.lgsp.plain_text import clean
from contracts.entry import FormName
from contracts.forms import FORMS, example, spec
from mock_services.people.world import World
from tests.fuzz.conftest import PEOPLE, SEED, SETTLED
from tests.fuzz.hostile_texts import KINDS, MARK, mixed
from tests.integration.api_door import check_receipt
from tests.journeys.people import People, employed, entry_of
from tests.journeys.town import Town

CHUNK: Final = 400
_HEADERS: Final = (
    "Idempotency-Key",
    "Accept-Language",
    "traceparent",
    "tracestate",
    "User-Agent",
    "Content-Type",
    "X-A",
)
_MEMBERS: Final = ("village", "investigator", "campaign", "key", "commune", "declared_on", "replaces", "slip_kind")


@pytest.fixture(scope="module")
def texts(request: pytest.FixtureRequest) -> list[str]:
    options = request.config
    more = mixed(int(options.getoption("--fuzz-seed")), 10 * int(options.getoption("--fuzz-examples")))
    return [*(text for kind in KINDS.values() for text in kind), *more]


def _odd_entries(form: FormName, texts: list[str], each: int) -> Iterator[dict[str, Any]]:
    """`each` texts in every field, in every part of an address, and in every member around the fields."""
    turn = cycle(texts)
    for field in spec(form).fields:
        for text in islice(turn, each):
            made = {**example(form), "key": None}
            values: list[object] = [text, [text]]
            if field.kind in ("address", "place"):
                values.append({"ma_tinh": "12", "ma_xa": "03388", "chi_tiet": text})
                values.append({"ma_tinh": text, "ma_xa": text, "ngay_ma": text})
            for value in values:
                yield {**made, "fields": {**made["fields"], field.name: value}}
    for member in _MEMBERS:
        for text in islice(turn, 2 * each):
            yield {**example(form), "key": None, member: text}


@pytest.mark.parametrize("form", FORMS)
def test_in_any_field_a_text_is_taken_as_text_or_refused_by_name(
    town: Town, texts: list[str], form: FormName, fuzz_examples: int
) -> None:
    odd = list(_odd_entries(form, texts, 6 * fuzz_examples))
    states = set()
    for start in range(0, len(odd), CHUNK):
        answer = town.http.post("/v1/entries", json={"entries": odd[start : start + CHUNK]})
        assert answer.status_code == 200, answer.text[:1_000]
        for receipt in answer.json()["receipts"]:
            check_receipt(receipt)
            assert receipt.get("problem", {}).get("code") != "not-storable", receipt
            states.add(receipt["state"])
    assert "refused" in states
    assert states & {"accepted", "unchanged"}


def test_in_any_parameter_path_or_header_a_text_is_answered_and_nothing_more(
    town: Town, texts: list[str], fuzz_examples: int
) -> None:
    document = town.http.get("/v1/openapi.json").json()
    turn = cycle(texts)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for text in islice(turn, 10 * fuzz_examples):
                for names in (_HEADERS, ()):
                    answer = _asked(town, path, method, operation, text, names)
                    assert answer.status_code < 500, (method, path, text, answer.text)
                    assert "Traceback" not in answer.text


def _asked(
    town: Town, path: str, method: str, operation: dict[str, Any], text: str, in_headers: Sequence[str]
) -> httpx.Response:
    names = {one["name"]: one["in"] for one in operation.get("parameters", ())}
    query = {name: text for name, place in names.items() if place == "query"}
    for name in (name for name, place in names.items() if place == "path"):
        path = path.replace("{" + name + "}", quote(text, safe="") or "-")
    plain = text.translate(dict.fromkeys([*range(32), 127], "?")).strip().encode()  # HTTP itself forbids the others
    headers = {b"Content-Type": b"application/json", **{name.encode(): plain for name in in_headers}}
    body = json.dumps({"reason": text, "target": text, "full_name": text, "starts_at": text}).encode()
    return town.http.request(method, path, params=query, headers=headers, content=body if method == "post" else None)


def test_a_text_reaches_every_system_as_it_was_written(town: Town, texts: list[str]) -> None:
    people = People(World(PEOPLE, SEED))
    people.meet_many(SETTLED, employed)  # of whom the town has heard already
    sent: dict[str, tuple[str, str]] = {}
    for text in texts[:: max(1, len(texts) // 60)]:
        person = people.meet(employed)
        answer = town.submit(entry_of(person, cong_viec_cu_the=text, noi_lam_viec=text))
        assert answer.status_code < 500, (text, answer.text)
        if answer.status_code == 201:
            sent[answer.json()["worker_id"]] = (person.personal_number, text)
    assert len(sent) > 20
    for worker_id, (number, text) in sent.items():
        # Each system holds every call against its own schema: settled means well formed.
        town.until_settled(worker_id, 120)
        for system in ("population", "labour_market"):
            held = town.held(system, number)
            expected = text if _is_plain(text) else clean(_job(town, worker_id))
            assert expected is None or expected in list(_strings(held)), (system, text, held)
    assert len([text for _, text in sent.values() if _is_plain(text)]) > 10


def _is_plain(text: str) -> bool:
    """Nothing that a form of Unicode, a cut or a rule for blanks could change."""
    tidy = " ".join(text.split()) == text == unicodedata.normalize("NFC", text)
    return tidy and text.isascii() and text.isprintable() and 0 < len(text) < 200


def _job(town: Town, worker_id: str) -> Any:
    """As our own record has it."""
    return town.get(f"/v1/workers/{worker_id}", reveal="true")["groups"]["situation"]["values"]["job_title"]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(inner)


def test_after_all_that_nothing_has_happened(town: Town) -> None:
    assert town.http.get("/readyz").status_code == 200
    assert town.http.post("/v1/entries", json={**example("nd318"), "key": None}).status_code in (200, 201)
    assert not [path for path in town.folder.rglob("*") if MARK in path.name]
    lines = town.gateway.log.read_bytes().split(b"\n")
    # Before the first event a program may greet whoever started it, in two lines.
    events = [json.loads(line) for line in lines if line.startswith(b"{")]
    assert len(events) >= len([line for line in lines if line]) - 2, lines[:5]
    assert all("event" in event and "level" in event for event in events)
    assert not any(event["event"] == MARK for event in events)
    assert not any(sign in line for line in lines for sign in (b"\x1b", b"\r", b"\x00"))
