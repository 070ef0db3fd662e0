"""A text that parsers of JSON disagree on gets the same answer in every door, and never a 5xx (requirement 18)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from contracts.forms import example
from gateway.cli.submitting.outcome import ROW_ERROR
from tests.fuzz.json_texts import changed, odd_documents, odd_values
from tests.journeys.submitting_by_cli import CliSubmission
from tests.journeys.town import Town

TAKEN: Final = frozenset({"accepted", "unchanged", "quarantined"})
_PLACE: Final = b'"THE PLACE"'
_HEADERS: Final = {"Content-Type": "application/json"}
# Around a list, an entry lies two levels deeper, and what stands in it can end the list: the text is then another one.
_OF_THE_LIST: Final = frozenset({"a comma behind", "a comment", "something behind", "blanks", "no blank"})


def _entry(number: int, **fields: Any) -> bytes:
    made = {**example("tt11_mau03"), "key": f"json-{number}"}
    made["fields"] = {**made["fields"], "so_dinh_danh": f"012080{number:06d}", **fields}
    for other in ("so_cmnd", "ma_so_bhxh"):
        made["fields"].pop(other, None)
    return orjson.dumps(made)


def _cases(seed: int, examples: int) -> Iterator[tuple[str, bytes]]:
    places = ("cong_viec_cu_the", "thuong_tru", "so_huu_cai_gi_do")
    for number, (name, text) in enumerate(odd_values()):
        for at, place in enumerate(places):
            yield f"{name} as {place}", _entry(10 * number + at, **{place: "THE PLACE"}).replace(_PLACE, text)
    yield from odd_documents(_entry(900_000))
    yield from changed(_entry(900_001), seed, 100 * examples)


@pytest.fixture(scope="module")
def cases(request: pytest.FixtureRequest) -> dict[str, bytes]:
    options = request.config
    return dict(_cases(int(options.getoption("--fuzz-seed")), int(options.getoption("--fuzz-examples"))))


@pytest.fixture(scope="module")
def alone(town: Town, cases: Mapping[str, bytes]) -> dict[str, tuple[str, str | None]]:
    """State and problem code of each text sent as an entry of its own."""
    found = {}
    for name, text in cases.items():
        answer = town.http.post("/v1/entries", content=text, headers=_HEADERS)
        assert answer.status_code < 500, (name, text[:300], answer.text)
        body = answer.json()
        found[name] = (body["state"], None) if "state" in body else ("refused", body["code"])
    return found


def test_nothing_is_taken_that_another_parser_refuses_or_reads_otherwise(
    cases: Mapping[str, bytes], alone: Mapping[str, tuple[str, str | None]]
) -> None:
    assert any(state in TAKEN for state, _ in alone.values())
    for name, (state, _) in alone.items():
        if state in TAKEN:
            text = cases[name].decode("utf-8")
            assert json.loads(text, object_pairs_hook=_once) == orjson.loads(text), name


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), f"a member twice: {pairs}"
    return dict(pairs)


def test_in_a_list_each_text_is_judged_as_it_is_alone(
    town: Town, cases: Mapping[str, bytes], alone: Mapping[str, tuple[str, str | None]]
) -> None:
    for name, text in cases.items():
        answer = town.http.post("/v1/entries", content=b'{"entries":[' + text + b"]}", headers=_HEADERS)
        assert answer.status_code < 500, (name, text[:300], answer.text)
        states = [one["state"] for one in answer.json().get("receipts", ())] or ["refused"]
        if name not in _OF_THE_LIST:
            assert (states[0] in TAKEN) is (alone[name][0] in TAKEN), (name, text[:300], answer.text[:500])


def test_in_a_file_each_text_is_judged_as_it_is_alone(
    town: Town, cases: Mapping[str, bytes], alone: Mapping[str, tuple[str, str | None]], tmp_path: Path
) -> None:
    in_a_line = {name: text for name, text in cases.items() if b"\n" not in text and text.strip()}
    assert len(in_a_line) > 200
    file, out = tmp_path / "entries.jsonl", tmp_path / "results.jsonl"
    # The first line is a good one: a byte order mark at the start of a file is an editor's, not a sender's.
    file.write_bytes(b"\n".join([_entry(999_999), *in_a_line.values()]) + b"\n")
    with CliSubmission(town, file, out) as submission:
        submission.ended()
    results = [orjson.loads(line) for line in out.read_bytes().splitlines()][1:]
    assert len(results) == len(in_a_line)
    for name, result in zip(in_a_line, results, strict=True):
        state, code = alone[name]
        assert (result["state"] in TAKEN) is (state in TAKEN), (name, in_a_line[name][:300], result)
        if result["state"] == ROW_ERROR:
            assert result["remarks"][0]["rule"] == code, (name, result)
