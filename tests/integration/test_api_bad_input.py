"""Bodies that no sender should write: each is answered with what is wrong, where, and what to do; never with a 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.forms import FORMS, example, spec
from tests.integration.api_door import ANSWER_BYTES_MAX, ApiDoor, check_problem, check_receipt, opened

GROUND = orjson.dumps(example("tt11_mau03")).decode()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[ApiDoor]:
    with opened(tmp_path_factory.mktemp("door"), module_database_url) as made:
        yield made


def _with(member: str, text: str) -> bytes:
    """An entry in whose `fields` one member is this raw text."""
    return GROUND.replace('"fields":{', f'"fields":{{"{member}":{text},', 1).encode("utf-8", "surrogatepass")


TEXTS = {
    "nothing": (b"", "body-not-json", None),
    "blanks": (b" \n\t ", "body-not-json", None),
    "cut off": (GROUND[: len(GROUND) // 2].encode(), "body-not-json", None),
    "two values": (b"{} {}", "body-not-json", None),
    "a comment": (b'{"form": /* x */ 1}', "body-not-json", "form"),
    "single quotes": (b"{'form': 1}", "body-not-json", None),
    "a trailing comma": (b'{"form": "nd318",}', "body-not-json", None),
    "NaN": (_with("tuoi", "NaN"), "number-out-of-range", "tuoi"),
    "Infinity": (_with("tuoi", "-Infinity"), "number-out-of-range", "tuoi"),
    "1e999": (_with("tuoi", "1e999"), "number-out-of-range", "tuoi"),
    "a number of 5,000 digits": (_with("tuoi", "9" * 5_000), None, None),
    "half of a surrogate pair": (_with("ho_ten_khac", '"\\ud800"'), "unpaired-surrogate", "ho_ten_khac"),
    "the other half": (_with("ho_ten_khac", '"a\\udc00b"'), "unpaired-surrogate", "ho_ten_khac"),
    "a member twice": (b'{"form": "nd318", "form": "tt11_mau03"}', "duplicate-member", "form"),
    "a field twice": (_with("ho_ten", '"MA"'), "duplicate-member", "ho_ten"),
    "a member twice, once escaped": (b'{"form": "a", "f\\u006frm": "b"}', "duplicate-member", "form"),
    "a byte order mark": (b"\xef\xbb\xbf" + GROUND.encode(), "body-encoding", None),
    "UTF-16": (GROUND.encode("utf-16"), "body-encoding", None),
    "TCVN3": (_with("ho_ten_khac", '"x"').replace(b'"x"', b'"L\xdf V\xa8n"'), "body-encoding", None),
    "an overlong UTF-8 sequence": (b'{"form": "\xc0\x80"}', "body-encoding", None),
    "a raw control character": (b'{"form": "a\x01b"}', "body-not-json", "form"),
    "a deep list": (b"[" * 100_000, "body-too-deep", None),
    "a deep object": (b'{"a":' * 50_000, "body-too-deep", None),
    "a deep and closed list": (b"[" * 900 + b"]" * 900, "body-too-deep", None),
    "seventeen levels": (_with("sau", "[" * 17 + "]" * 17), "body-too-deep", None),
    "a list": (b"[]", "wrong-type", "$"),
    "a text": (b'"phieu"', "wrong-type", "$"),
    "null": (b"null", "wrong-type", "$"),
    "true": (b"true", "wrong-type", "$"),
    "a number": (b"1", "wrong-type", "$"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_body_that_is_no_entry_is_refused_with_its_fault(door: ApiDoor, name: str) -> None:
    body, code, field = TEXTS[name]
    problem = check_problem(door.post(body))
    if code is not None:
        assert problem["code"] == code
    if field is not None:
        assert field in problem["fields"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"entries": []}, "shape-invalid"),
        ({"entries": {}}, "shape-invalid"),
        ({"entries": None}, "shape-invalid"),
        ({"entries": [{}], "more": 1}, "unknown-field"),
        ({"entries": [{}] * 1_001}, "too-many-entries"),
    ],
)
def test_a_list_of_entries_that_is_none_is_refused_whole(door: ApiDoor, body: object, code: str) -> None:
    assert check_problem(door.post(orjson.dumps(body)), 422, code)["fields"]


ENTRIES_OF_NOBODY: dict[str, Any] = {
    "null": None,
    "a text": "phieu",
    "a number": 7,
    "a list": [[]],
    "nothing in it": {},
    "no fields": {"form": "nd318", "declared_on": "2026-07-05"},
    "another form": {**example("nd318"), "form": "mau_01"},
    "an unknown member": {**example("nd318"), "tuoi": 31},
    "no such day": {**example("nd318"), "declared_on": "2026-02-30"},
    "a day of other digits": {**example("nd318"), "declared_on": "２０２６-07-05"},
    "from the future": {**example("nd318"), "declared_on": "2999-01-01", "key": None},
    "a key that is too long": {**example("nd318"), "key": "k" * 129},
    "an empty key": {**example("nd318"), "key": ""},
    "a village of 1 MB": {**example("nd318"), "village": "b" * 1_000_000},
    "an unknown field": {**example("nd318"), "fields": {"khong_co": 1}},
    "an unknown field of 1 MB": {**example("nd318"), "fields": {"k" * 1_000_000: 1}},
    "an unknown member of 1 MB": {**example("nd318"), "k" * 1_000_000: 1},
    "a name of 1 MB": {**example("nd318"), "fields": {"ho_ten": "A" * 1_000_000}},
    "a NUL in a name": {**example("nd318"), "fields": {"ho_ten": "LÒ\x00MAI"}},
    "a NUL in a member's name": {**example("nd318"), "fields": {"ho\x00ten": "LÒ"}},
    "a NUL in a key": {**example("nd318"), "key": "a\x00b"},
    "a NUL in a village": {**example("nd318"), "village": "a\x00b"},
    "10,000 codes": {**example("nd318"), "fields": {"dac_thu": ["1"] * 10_000}},
    "a number for a text": {**example("nd318"), "fields": {"ho_ten": 7}},
    "a huge number": {**example("nd318"), "fields": {"ho_ten": 2**63}},
    "replaces nothing like an id": {**example("nd318"), "replaces": "1"},
}


@pytest.mark.parametrize("name", ENTRIES_OF_NOBODY)
def test_a_malformed_entry_alone_is_refused_and_names_the_field(door: ApiDoor, name: str) -> None:
    body = ENTRIES_OF_NOBODY[name]
    if isinstance(body, dict):
        assert check_problem(door.post(orjson.dumps(body)))["fields"]


def test_every_malformed_entry_of_a_batch_refuses_only_itself(door: ApiDoor) -> None:
    well = [door.entry() for _ in range(len(ENTRIES_OF_NOBODY) + 1)]
    mixed: list[Any] = [well[0]]
    for good, bad in zip(well[1:], ENTRIES_OF_NOBODY.values(), strict=True):
        mixed += [bad, good]
    answer = door.post(orjson.dumps({"entries": mixed}))
    assert answer.status_code == 200
    receipts = answer.json()["receipts"]
    assert len(receipts) == len(mixed)
    assert [one["state"] for one in receipts[0::2]] == ["accepted"] * len(well)
    assert [one["state"] for one in receipts[1::2]] == ["refused"] * len(ENTRIES_OF_NOBODY)
    for receipt in receipts:
        check_receipt(receipt)
    assert all(one["problem"]["fields"] for one in receipts[1::2])
    assert len(answer.content) < ANSWER_BYTES_MAX * len(mixed)


JSON_TYPES: list[Any] = [None, True, 0, -1, 2**53, 1.5, "", "x", "0" * 400, [], ["x"], [[]], {}, {"ma": 1}, {"x": {}}]


@pytest.mark.parametrize("form", FORMS)
def test_every_field_with_every_json_type_is_judged_alone(door: ApiDoor, form: Any) -> None:
    odd = [
        {**example(form), "key": None, "fields": {**example(form)["fields"], field.name: value}}
        for field in spec(form).fields
        for value in JSON_TYPES
    ]
    for start in range(0, len(odd), 500):
        part = odd[start : start + 500]
        good = door.entry()
        answer = door.post(orjson.dumps({"entries": [*part, good]}))
        assert answer.status_code == 200, answer.text[:500]
        receipts = answer.json()["receipts"]
        for receipt in receipts:
            check_receipt(receipt)
        assert receipts[-1]["state"] == "accepted"
        assert "refused" in {one["state"] for one in receipts}
        assert "not-storable" not in answer.text


@pytest.mark.parametrize("member", sorted(example("tt11_mau03")))
def test_every_member_of_an_entry_with_every_json_type_is_judged_alone(door: ApiDoor, member: str) -> None:
    odd = [{**door.entry(), member: value} for value in JSON_TYPES]
    receipts = door.post(orjson.dumps({"entries": odd})).json()["receipts"]
    for receipt in receipts:
        check_receipt(receipt)
    assert all(one["problem"]["fields"] for one in receipts if one["state"] == "refused")


NAUGHTY = [
    "'; DROP TABLE workers; --",
    "' OR '1'='1",
    "$(touch x)`touch x`|touch x",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "%s%n%x%d{0}{name}",
    "=cmd|'/C calc'!A0",
    "\r\nSet-Cookie: a=b",
    "\\u0000\\x00",
    "undefined null NaN true -0",
    "\u200b\u200d\ufeff\u00ad",
    "\u202eTên đảo\u202c",
    "Z̷̢̧̛a̴͇͝l̸̢̛g̵͚̈́o̷͖͐",
    "👩‍👩‍👧‍👦 \U0001f3f4\U000e0067\U000e007f",
    "ﷺ﷽𒐫" * 20,
    "İıŞşĞğ ſ ﬀ Ω K Å",
    "\uffff\ufffe\ufdd0",
    "\x7f\x80\x85\x9f\u2028\u2029",
    "\t\n\x0b\x0c\r\x1b[31m",
    "Ð Đ ɖ đ ð",
    "0x10", "1_000", "１２３４５６７８９０１２", "1.2E+10", "012090000001 ",
    " ",
    "\\",
    '"',
    "é" + "\u0301" * 60,
]  # fmt: skip


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_a_naughty_string_in_any_place_is_stored_as_given_or_refused_by_name(door: ApiDoor, text: str) -> None:
    entry = door.entry()
    texts = [field.name for field in spec("tt11_mau03").fields]
    odd = [{**door.entry(), "fields": {**entry["fields"], name: text}} for name in texts]
    odd += [{**door.entry(), member: text} for member in ("village", "investigator", "campaign", "key", "commune")]
    odd += [{**door.entry(), "fields": {**entry["fields"], text: text}}]
    address = {**entry["fields"]["thuong_tru"], "chi_tiet": text}
    odd += [door.entry(thuong_tru=address)]
    answer = door.post(orjson.dumps({"entries": odd}))
    assert answer.status_code == 200, answer.text[:500]
    for receipt in answer.json()["receipts"]:
        check_receipt(receipt)
    assert "not-storable" not in answer.text
    for body in ({"full_name": text, "birth_date": text}, {"personal_number": text}, {"cmnd": text}):
        found = door.http.post("/v1/workers/lookup", json=body)
        assert found.status_code == 200 or check_problem(found)
    for path in ("/v1/dead-letters", "/v1/verifications", "/v1/events", "/v1/quality", "/v1/quarantine"):
        for name in ("after", "target", "cause", "outcome", "commune", "limit", "wait_s"):
            answered = door.http.get(path, params={name: text})
            assert answered.status_code == 200 or check_problem(answered), (path, name)


def test_a_stored_name_comes_back_as_it_was_given(door: ApiDoor) -> None:
    receipt = door.post(orjson.dumps(door.entry(cong_viec_cu_the="<b>'; --</b> ÐO ĐẠC 👩‍🌾"))).json()
    worker = door.http.get(f"/v1/workers/{receipt['worker_id']}", params={"reveal": "true"}).json()
    assert "<b>'; --</b>" in worker["groups"]["situation"]["values"]["job_title"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_MEMBERS = st.sampled_from([*example("nd318"), "entries", "reason", "target", "cause", "personal_number", "full_name"])
_FIELDS = st.dictionaries(st.sampled_from([field.name for field in spec("nd318").fields]), _JSON, max_size=8)
_BODIES = (
    _JSON
    | st.dictionaries(_MEMBERS, _JSON, max_size=6)
    | _FIELDS.map(lambda fields: {"form": "nd318", "declared_on": "2026-07-05", "fields": fields})
    | st.lists(_FIELDS, max_size=3).map(
        lambda rows: {"entries": [{"form": "tt11_mau03", "declared_on": "2026-07-05", "fields": row} for row in rows]}
    )
)
_NOBODY = "00000000-0000-4000-8000-000000000000"
_POSTS = (
    "/v1/entries",
    "/v1/workers/lookup",
    f"/v1/quarantine/{_NOBODY}/release",
    f"/v1/quarantine/{_NOBODY}/reject",
    f"/v1/dead-letters/{_NOBODY}/population/retry",
    "/v1/dead-letters/retry",
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_BODIES, path=st.sampled_from(_POSTS))
def test_no_json_body_makes_any_route_fail(door: ApiDoor, body: Any, path: str) -> None:
    sent = json.dumps(body).encode()
    answer = door.post(sent, path)
    if answer.status_code >= 300:
        check_problem(answer)
    elif path == "/v1/entries":
        for receipt in answer.json().get("receipts", [answer.json()]):
            check_receipt(receipt)


def test_after_all_that_an_entry_is_still_accepted(door: ApiDoor) -> None:
    assert door.post(orjson.dumps(door.entry())).status_code == 201
    assert door.http.get("/readyz").status_code == 200


@pytest.mark.parametrize("told", ["012090000001", "so 012090000001", "Lò Văn Pâng"])
def test_requirement_26_a_problem_does_not_repeat_a_name_that_may_be_somebodys_number_or_name(
    door: ApiDoor, told: str
) -> None:
    inside = {**example("nd318"), "fields": {told: "x", "khong_co": "x"}}
    twice = b'{"%b":1,"%b":2}' % (told.encode(), told.encode())
    for body in (orjson.dumps(inside), orjson.dumps({**example("nd318"), told: "x"}), twice, twice[:-5]):
        answer = door.post(body)
        assert check_problem(answer)["fields"]
        assert told not in answer.text
    assert "khong_co" in check_problem(door.post(orjson.dumps(inside)))["fields"]
