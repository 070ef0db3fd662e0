"""What a trace of a canary looks like, in each way in which programs write text and numbers down."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from contracts.codelists import load
from contracts.names import unaccented_key
from mock_services.people.person import Person
from tests.canary.people import NAME_MARK, PLACE_MARK, numbers

DIGESTS: Final = ("sha256", "sha1", "md5")
_HEAD_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class Mark:
    """Bytes that must be nowhere: `kind` is the field, `encoding` the way it is written."""

    kind: str
    encoding: str
    written: bytes
    whose: int | None = None
    """Index of the person, where the bytes tell."""


def marks_of(people: Iterable[Person]) -> Iterator[Mark]:
    """Every mark of these people that is found by looking for its bytes."""
    for kind, text in (("full_name", NAME_MARK), ("detail", PLACE_MARK)):
        yield from _of_text(kind, text)
    born = set()
    for person in people:
        born.add(person.birth_date)
        for kind, number in numbers(person).items():
            yield from (replace(mark, whose=person.index) for mark in _of_number(kind, number))
    for date in sorted(born):
        yield from _of_date(date)


def digests_of(people: Iterable[Person]) -> Iterator[Mark]:
    """Bare digests of the numbers, which fall within a minute: raw, in hex and in base64, by their first bytes."""
    for person in people:
        for kind, number in numbers(person).items():
            for name in DIGESTS:
                digest = hashlib.new(name, number.encode(), usedforsecurity=False).digest()
                ways = {
                    name: digest,
                    f"{name} hex": digest.hex().encode(),
                    f"{name} HEX": digest.hex().upper().encode(),
                    f"{name} base64": base64.b64encode(digest),
                    f"{name} base64url": base64.urlsafe_b64encode(digest),
                }
                yield from (Mark(kind, way, one[:_HEAD_LENGTH], person.index) for way, one in ways.items())


def _of_text(kind: str, text: str) -> Iterator[Mark]:
    plain = unaccented_key(text)
    spellings = {
        "as written": text,
        "NFD": unicodedata.normalize("NFD", text),
        "capitals": text.upper(),
        "capitals NFD": unicodedata.normalize("NFD", text.upper()),
        "small": text.lower(),
        "plain capitals": plain.upper(),
        "plain small": plain.lower(),
        "plain": plain.title(),
        "key": plain.upper().replace(" ", ""),
        "TCVN3": _by_table(text, "legacy_tcvn3_map", "surface_cp1252"),
        "VNI": _by_table(text, "legacy_vni_map", "surface"),
    }
    for name, spelt in spellings.items():
        yield Mark(kind, name, spelt.encode())
        yield Mark(kind, f"{name} UTF-16", spelt.encode("utf-16-le"))
        yield from _carried(kind, name, spelt.encode())
        yield from _escaped(kind, name, spelt)
    for name in ("TCVN3", "VNI"):
        yield Mark(kind, f"{name} bytes", spellings[name].encode("cp1252", "replace"))


def _of_number(kind: str, number: str) -> Iterator[Mark]:
    yield Mark(kind, "as written", number.encode())
    yield Mark(kind, "UTF-16", number.encode("utf-16-le"))
    yield Mark(kind, "JSON", "".join(f"\\u{ord(digit):04x}" for digit in number).encode())
    yield from _carried(kind, "as written", number.encode())


def _of_date(date: str) -> Iterator[Mark]:
    year, month, day = date.split("-")
    for name, written in (("ISO", date), ("day first", f"{day}/{month}/{year}")):
        yield Mark("birth_date", name, written.encode())
        yield Mark("birth_date", f"{name} UTF-16", written.encode("utf-16-le"))
        yield from _carried("birth_date", name, written.encode())


def _carried(kind: str, name: str, written: bytes) -> Iterator[Mark]:
    yield Mark(kind, f"{name}, hex", written.hex().encode())
    yield Mark(kind, f"{name}, HEX", written.hex().upper().encode())
    for offset in range(3):
        # Three bytes make four characters; those at the ends depend on what stands beside.
        inner = written[-offset % 3 :]
        whole = inner[: len(inner) // 3 * 3]
        yield Mark(kind, f"{name}, base64 at {offset}", base64.b64encode(whole))


def _escaped(kind: str, name: str, text: str) -> Iterator[Mark]:
    for letters in ("04x", "04X"):
        escaped = "".join(one if one.isascii() else f"\\u{format(ord(one), letters)}" for one in text)
        yield Mark(kind, f"{name}, JSON", escaped.encode())
    for blank in (urllib.parse.quote(text), urllib.parse.quote_plus(text)):
        yield Mark(kind, f"{name}, URL", blank.encode())
    yield Mark(kind, f"{name}, Python", text.encode("unicode_escape"))


def _by_table(text: str, table: str, column: str) -> str:
    surface = {row["unicode_nfc"]: row[column] for row in load(table).rows}
    return "".join(surface.get(letter, letter) for letter in text)
