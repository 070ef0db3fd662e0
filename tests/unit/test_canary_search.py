"""The search for canaries finds them in every encoding, wherever they stand, and nothing in noise."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import unicodedata
import urllib.parse
from pathlib import Path

import pytest

from contracts.worker import GROUP_MODELS, Address, Groups, Values, split_identity
from mock_services.people.person import Person
from tests.canary.marks import digests_of, marks_of
from tests.canary.people import CONTROL, PEOPLE, SEALED, SEED, canary, numbers
from tests.canary.search import Search

CHANCE = random.Random(SEED)
NOISE = CHANCE.randbytes(300_000) + hashlib.sha256(b"x").hexdigest().encode() + bytes(5_000)
SOMEBODY = canary(SEED, 123)


@pytest.fixture(scope="module")
def search() -> Search:
    people = [canary(SEED, index) for index in (*range(PEOPLE), CONTROL)]
    return Search(marks_of(people), digests_of(people))


def _at(offset: int, written: bytes) -> bytes:
    return NOISE[: 1_000 + offset] + written + NOISE[1_000 + offset :]


def _kinds(search: Search, data: bytes) -> set[str]:
    return {hit.kind for hit in search.values("here", data)}


def test_noise_is_no_canary(search: Search) -> None:
    assert list(search.values("noise", NOISE)) == []


def _ways(text: str) -> dict[str, bytes]:
    return {
        "as it is": text.encode(),
        "NFD": unicodedata.normalize("NFD", text).encode(),
        "capitals": text.upper().encode(),
        "UTF-16": text.encode("utf-16-le"),
        "JSON": json.dumps(text).encode(),
        "URL": urllib.parse.quote(text).encode(),
        "hex": text.encode().hex().encode(),
        **{f"base64 at {one}": base64.b64encode(b"x" * one + text.encode() + b"yz") for one in range(3)},
    }


@pytest.mark.parametrize("field", SEALED, ids=".".join)
def test_what_a_sealed_field_holds_is_found_in_every_encoding(search: Search, field: tuple[str, str]) -> None:
    value = SEALED[field](canary(SEED, 124))
    assert value is not None
    missed = [
        name for offset, (name, written) in enumerate(_ways(value).items()) if not _kinds(search, _at(offset, written))
    ]
    assert missed == []


@pytest.mark.parametrize("field", numbers(SOMEBODY))
def test_a_bare_digest_of_a_number_is_found(search: Search, field: str) -> None:
    for name in ("sha256", "sha1", "md5"):
        digest = hashlib.new(name, numbers(SOMEBODY)[field].encode(), usedforsecurity=False).digest()
        quoted = [b'"' + one + b'"' for one in (digest.hex().encode(), base64.b64encode(digest))]
        for offset, written in enumerate((digest, *quoted)):
            assert _kinds(search, _at(offset, written)) == {field}, (name, written)


@pytest.mark.parametrize("font", ["TCVN3", "VNI"])
def test_a_name_in_a_legacy_encoding_is_found(search: Search, font: str) -> None:
    (bytes_of_font,) = [
        one.written for one in marks_of([]) if one.encoding == f"{font} bytes" and one.kind == "full_name"
    ]
    for offset, written in enumerate((bytes_of_font, bytes_of_font.decode("cp1252").encode())):
        assert _kinds(search, _at(offset, written)) == {"full_name"}


def test_what_lies_behind_holes_and_across_blocks_is_found(search: Search, tmp_path: Path) -> None:
    file = tmp_path / "holes"
    with file.open("wb") as out:
        out.truncate(64 << 20)
        out.seek(40 << 20)
        out.write(CHANCE.randbytes((8 << 20) - 5) + SOMEBODY.personal_number.encode())
    assert [hit.kind for hit in search.file("holes", file)] == ["personal_number"]


def test_digits_in_the_hex_of_a_hash_are_chance(search: Search) -> None:
    (old,) = [number for field, number in numbers(SOMEBODY).items() if field == "cmnd"]
    assert _kinds(search, b'"ab3f90' + old.encode() + b'cc01d2e3f4a5b6c7d8e9f0a1b2c3d4e5"') == set()
    assert _kinds(search, b'{"a":"' + old.encode() + b'"}') == {"cmnd"}


def test_every_sealed_field_has_a_canary() -> None:
    address: Values = {**dict.fromkeys(Address.model_fields, "12"), "commune_on": "2026-07-05"}
    everything: Groups = {
        group: {
            name: address if field.annotation == Address | None else "x" for name, field in model.model_fields.items()
        }
        for group, model in GROUP_MODELS.items()
    }
    _, sealed = split_identity(everything)
    assert {(group, field) for group, values in sealed.items() for field in values} == set(SEALED)


def test_no_two_canaries_share_a_number() -> None:
    people: list[Person] = [canary(SEED, index) for index in (*range(PEOPLE), CONTROL)]
    held = [number for person in people for number in numbers(person).values()]
    assert len(set(held)) == 3 * len(people)
