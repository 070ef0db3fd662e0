"""Texts that parsers of JSON disagree on: made here by kinds, and by changing a good entry at random places."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

DEEP: Final = 200
_ODD_VALUES: Final[dict[str, tuple[bytes, ...]]] = {
    "numbers that JSON has not": (
        *(b"01", b"-01", b"1.", b".5", b"+1", b"1e", b"1e+", b"0x10", b"-", b"--1", b"1 000", b"1_0", b"1,5"),
        *(b"NaN", b"nan", b"Infinity", b"-Infinity", b"inf", b"0b1", b"1.2.3", "１".encode(), b"- 1", b"1e1.5"),
    ),
    "numbers that few can hold": (
        *(b"1e999", b"-1e999", b"1e-999", b"9" * 400, b"9" * 5_000, b"-" + b"9" * 30, b"0." + b"1" * 400, b"-0"),
        *(str(one).encode() for one in (2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64)),
        *(b"-0.0", b"1E+2", b"0e0", b"123456789012345678901234567890e-20"),
    ),
    "words that are nearly values": (
        *(b"True", b"TRUE", b"nul", b"nulll", b"undefined", b"None", b"a", b"'a'", b"`a`", b"/a/"),
        *(b"<a/>", b"\xe2\x80\x9ca\xe2\x80\x9d"),
    ),
    "escapes": (
        *(rb'"\ud800"', rb'"\udc00"', rb'"\udc00\ud800"', rb'"\ud800\ud800"', rb'"\ud83d\ude00"', rb'"\uD83D\u0041"'),
        *(rb'"\x41"', rb'"\a"', rb'"\u12"', rb'"\u12G4"', rb'"\U00000041"', rb'"\0"', rb'"\u0000"', rb'"\u001b[31m"'),
        *(rb'"\"', b'"\\', rb'"\u"', rb'"\ufeff"', rb'"\uffff"', rb'"\u2028"', rb'"\/"'),
    ),
    "bytes that are no UTF-8": (
        *(b'"\xc0\x80"', b'"\xc1\xbf"', b'"\xed\xa0\x80"', b'"\xed\xa0\xbd\xed\xb8\x80"', b'"\xf4\x90\x80\x80"'),
        *(b'"\xf8\x88\x80\x80\x80"', b'"\x80"', b'"\xe2\x82"', b'"\xff"', b'"\xfe"'),
        *(b'"\xe0\x80\xaf"', b'"L\xdf"', b"\xff"),
    ),
    "characters that must be escaped": tuple(b'"a' + bytes([one]) + b'b"' for one in (0, 1, 9, 11, 12, 27, 31)),
    "characters that need not be": (b'"\x7f"', "\"\u2028\u2029\ufeff\uffff\U0001f9d1\u0085\"".encode()),
    "lists": (
        *(b"[1,]", b"[,1]", b"[1,,2]", b"[1 2]", b"[", b"]", b"[1}", b"[1", b"1]", b"[*]", b"[[]", b"[]]", b"[1:2]"),
        *(b"[" * depth + b"]" * depth for depth in (DEEP, 1_500)),
        *(b"[" * 30_000, b'[{"a":' * 15_000),
    ),
    "objects": (
        *(b'{"a":1,}', b"{a:1}", b'{"a" 1}', b'{"a":}', b"{:1}", b'{"a":1 "b":2}', b"{1:1}"),
        *(b'{"a"}', b'{"a":1', b"{'a':1}"),
        *(b'{"ma":"1","ma":"1"}', b'{"ma":"1","ma":"2"}', b'{"ma":"1","m\\u0061":"2"}'),
        *(b'{"":0,"":0}', b'{"a":{"b":1,"b":2}}'),
        *(b'{"a"::1}', b'{"a":1}}', b'{,"a":1}', b'{"\xff":1}', b'{"a":1;"b":2}', b'{"a"=1}', b'{null:1}', b'{[]:1}'),
    ),
    "comments and blanks": (
        *(b"1/**/", b"/**/1", b"1//x", b"#1", b"1\x0c", b"\x0b1", b"\xc2\xa01", b"\xef\xbb\xbf1"),
        *(b"\xe2\x80\x8b1", b"", b" "),
    ),
}  # fmt: skip
_PIECES: Final = (
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u", b"\\ud800", b"'", b"/*", b"*/"),
    *(b"//", b"#", b" ", b"\t"),
    *(b"0", b"-", b"e", b"E", b".", b"1e999", b"NaN", b"null", b"true", b"\x00", b"\x1b", b"\x7f"),
    *(b"\x80", b"\xc0\x80"),
    *(b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\xf0\x9f\x98\x80", b"\xcc\x81", b"\xe2\x80\xae", b'"a":1,'),
)  # fmt: skip


def odd_values() -> Iterator[tuple[str, bytes]]:
    """A kind and a number, and the text in the place of one value."""
    for kind, texts in _ODD_VALUES.items():
        for at, text in enumerate(texts):
            yield f"{kind} {at}", text


def odd_documents(good: bytes) -> Iterator[tuple[str, bytes]]:
    """The whole text of an entry, spoiled or put differently."""
    spoiled = {
        "byte order mark": b"\xef\xbb\xbf" + good,
        "UTF-16": good.decode().encode("utf-16"),
        "UTF-16 without its mark": good.decode().encode("utf-16-be"),
        "UTF-32": good.decode().encode("utf-32"),
        "Latin-1": good.decode().encode("latin-1", "replace"),
        "cut off": good[: len(good) // 2],
        "cut off by one": good[:-1],
        "something behind": good + b"x",
        "a bracket too many": good + b"}",
        "NUL behind": good + b"\x00",
        "NUL before": b"\x00" + good,
        "a comma behind": good + b",",
        "a comma inside": good[:-1] + b",}",
        "a comment": good + b"// x",
        "in a list": b"[" + good + b"]",
        "a text of it": b'"' + good.replace(b'"', b'\\"') + b'"',
        "the form twice": good[:-1] + b',"form":"nd318"}',
        "the form twice, once in disguise": good[:-1] + rb',"\u0066orm":"nd318"}',
        "the fields twice": good[:-1] + b',"fields":{}}',
        "blanks": b" \t " + good + b" \t ",
        "no blank": b"\x0c" + good,
    }
    yield from spoiled.items()


def changed(good: bytes, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Entries with one to three pieces put in, taken out or put in the place of others."""
    chance = random.Random(seed)
    for at in range(count):
        text = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            place, length = chance.randrange(len(text)), chance.choice((0, 0, 1, 1, 2, 5))
            text[place : place + length] = chance.choice((*_PIECES, b""))
        yield f"change {at}", bytes(text)
