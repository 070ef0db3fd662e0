"""Text from before Unicode: TCVN3 (fonts .Vn*), VNI (fonts VNI-*), and UTF-8 that was read as CP1252.

The font of the cell is the better witness; without it, `suspect_legacy` decides only on characters and sequences that
cannot stand in Vietnamese Unicode text, and only if the repaired words are syllables of the language.
Ask before `contracts.names.normalize`, which takes Ð (é in TCVN3) for a mistyped Đ.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final, Literal, TypeAlias

from contracts.codelists import load
from contracts.syllables import is_plausible

Legacy: TypeAlias = Literal["tcvn3", "vni", "mojibake"]

# A font's own encoding has one byte per character; quotes and dashes above that are put in by the word processor.
_BEYOND_LATIN1: Final = re.compile("[^\x00-\xff\u2000-\u206f]")
# Latin-1 letters that Vietnamese uses; every other Latin-1 character above ASCII is foreign to a Vietnamese word.
_VIETNAMESE_LATIN1: Final = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý"
# Đ may stand as its look-alikes, and ñ is a letter of Ê-đê and Gia-rai: none of them proves a legacy font.
_NO_PROOF: Final = _VIETNAMESE_LATIN1 + "ÐðÑñ\u00a0"
_FOREIGN: Final = re.compile(f"[^\x00-\x7f{_NO_PROOF}]")
_CAPITAL_INSIDE: Final = re.compile("[a-z][ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ]")
_MARK_AS_LETTER: Final = re.compile("[aA][âêùøûõïÂÊÙØÛÕÏ]|[eE][âùøûõïÂÙØÛÕÏ]|[oO][âùøûõïÂÙØÛÕÏ]|[uUyY][ùøûõïÙØÛÕÏ]")
_LETTER: Final = re.compile("[A-Za-z]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# General category Cf of the planes that text reaches us in.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]"
)
_WORD: Final = re.compile(r"[A-Za-z\x80-\U0010ffff]+")


def _as_byte() -> dict[str, int]:
    """CP1252 character → byte. The five bytes it leaves undefined reach us as C1 controls."""
    return {bytes([byte]).decode("cp1252", "ignore") or chr(byte): byte for byte in range(0x80, 0x100)}


_BYTE: Final = _as_byte()


def _bytes_class(first: int, last: int) -> str:
    return "[" + "".join(re.escape(char) for char, byte in _BYTE.items() if first <= byte <= last) + "]"


_NEXT: Final = _bytes_class(0x80, 0xBF)
_UTF8_READ_WRONG: Final = re.compile(
    f"{_bytes_class(0xC2, 0xDF)}{_NEXT}|{_bytes_class(0xE0, 0xEF)}{_NEXT}{{2}}|{_bytes_class(0xF0, 0xF4)}{_NEXT}{{3}}"
)


def suspect_legacy(text: str) -> Legacy | None:
    """Which legacy form the text is almost certainly in; None for Unicode, and for doubt.

    Where TCVN3 and VNI both fit ("Tö"), it is TCVN3, the standard of state offices in the north.
    """
    if text.isascii():
        return None
    if any(_is_vietnamese(_reread(found)) for found in _UTF8_READ_WRONG.finditer(text)):
        return "mojibake"
    text = unicodedata.normalize("NFC", text)
    if _BEYOND_LATIN1.search(text):
        return None
    words = [word for word in _WORD.findall(text) if not word.isascii() and _LETTER.search(word)]
    if _explains(words, _from_tcvn3, _FOREIGN, _CAPITAL_INSIDE):
        return "tcvn3"
    if _explains(words, _from_vni, _FOREIGN, _MARK_AS_LETTER):
        return "vni"
    return None


def convert_legacy(text: str, kind: Legacy) -> str:
    """The text in NFC, read as `kind`; what the tables do not know stays. A proposal for a person to confirm."""
    return unicodedata.normalize("NFC", _CONVERTERS[kind](text))


def has_control_characters(text: str) -> bool:
    """C0 and C1 controls other than tab and line ends, and lone surrogates: no storage or service takes them all."""
    return _CONTROL.search(text) is not None


def has_invisible(text: str) -> bool:
    """Characters that draw nothing (zero-width, direction marks, soft hyphen, BOM) and make equal names differ."""
    return not text.isascii() and _INVISIBLE.search(text) is not None


def _explains(words: list[str], convert: Callable[[str], str], *proofs: re.Pattern[str]) -> bool:
    """Some word is impossible as it stands, and every word becomes a syllable when converted."""
    if not any(proof.search(word) for word in words for proof in proofs):
        return False
    return all(is_plausible(convert(word)) for word in words)


def _replace_by(table: Mapping[str, str]) -> Callable[[str], str]:
    longest_first = sorted(table, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(surface) for surface in longest_first))
    return lambda text: pattern.sub(lambda found: table[found[0]], text)


@cache
def _tcvn3() -> Callable[[str], str]:
    return _replace_by({row["surface_cp1252"]: row["unicode_nfc"] for row in load("legacy_tcvn3_map").rows})


@cache
def _vni() -> Callable[[str], str]:
    return _replace_by({row["surface"]: row["unicode_nfc"] for row in load("legacy_vni_map").rows})


def _from_tcvn3(text: str) -> str:
    return _tcvn3()(text)


def _from_vni(text: str) -> str:
    return _vni()(text)


def _from_mojibake(text: str) -> str:
    return _UTF8_READ_WRONG.sub(_reread, text)


def _reread(found: re.Match[str]) -> str:
    try:
        return bytes(_BYTE[char] for char in found[0]).decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def _is_vietnamese(char: str) -> bool:
    """A Vietnamese letter above ASCII, a combining tone or mark, or a typographic quote or dash."""
    if len(char) != 1:
        return False
    if char in _VIETNAMESE_LATIN1 or "\u1ea0" <= char <= "\u1ef9":
        return True
    return char in "ĂăĐđĨĩŨũƠơƯư\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323\u2018\u2019\u201c\u201d\u2013\u2014"


_CONVERTERS: Final[Mapping[Legacy, Callable[[str], str]]] = {
    "tcvn3": _from_tcvn3,
    "vni": _from_vni,
    "mojibake": _from_mojibake,
}
