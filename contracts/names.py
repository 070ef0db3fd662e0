"""Vietnamese names: one stored form, keys to search, compare and sort by.

The legal name is stored as `normalize` gives it; every other function makes a key and is never shown to a person.
Check a text with `contracts.legacy_text` *before* normalizing: some repairs here would hide a legacy encoding.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal, TypeAlias

Likeness: TypeAlias = Literal["exact", "tone", "unaccented", "different"]
SortKey: TypeAlias = tuple[tuple[str, str], ...]

# Letters that look like Đ/đ but are Icelandic, African or phonetic ones; none of them occurs in a Vietnamese name.
_D_LOOK_ALIKES: Final = {"\u00d0": "Đ", "\u0189": "Đ", "\u00f0": "đ", "\u0256": "đ"}
# U+00AD (soft hyphen) stays: it is the letter ư of TCVN3, and removing it would destroy what can still be repaired.
_INVISIBLE: Final = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_APOSTROPHES: Final = "'\u2019\u2018\u02bc\u02bb\u02b9\u00b4`\u2032"
_HYPHENS: Final = "-\u2010\u2011\u2012\u2013"

_REPAIR: Final = str.maketrans({**_D_LOOK_ALIKES, **dict.fromkeys(_INVISIBLE, "")})
_REPAIRABLE: Final = re.compile(f"[{''.join(_D_LOOK_ALIKES)}{_INVISIBLE}]")
_FOLD_MARKS: Final = str.maketrans({**dict.fromkeys(_APOSTROPHES + "\u00ad", ""), **dict.fromkeys(_HYPHENS, " ")})
_MARKS: Final = re.compile(f"[{_APOSTROPHES}\u00ad{_HYPHENS}]")

_VOWELS: Final = "aăâeêioôơuưy"
# Order of a dictionary: ngang, huyền, hỏi, ngã, sắc, nặng.
_TONES: Final = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_LETTER_ORDER: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"


def _toned(vowel: str, tone: int) -> str:
    return unicodedata.normalize("NFC", vowel + _TONES[tone])


def _open_syllables() -> dict[str, str]:
    """Tone on the second vowel (hoà) → tone on the first (hòa), for the three rimes where both are in use."""
    return {
        first + _toned(second, tone): _toned(first, tone) + second
        for first, second in (("o", "a"), ("o", "e"), ("u", "y"))
        for tone in range(1, 6)
    }


_TONE_PLACE: Final = _open_syllables()
# "quý" is left alone: there u belongs to the consonant. A letter after it closes the syllable, where all agree.
# Character sets, not alternatives: this runs on every name, and is several times faster so.
_NEW_STYLE: Final = re.compile(r"(?:o[àảãáạèẻẽéẹ]|(?<!q)u[ỳỷỹýỵ])(?!\w)")

_SPLIT: Final[dict[str, tuple[str, str]]] = {
    _toned(vowel, tone): (vowel, str(tone)) for vowel in _VOWELS for tone in range(6)
}
_RANK: Final = {letter: chr(ord("A") + rank) for rank, letter in enumerate(_LETTER_ORDER)}


def _plain_letters() -> dict[int, str]:
    plain = {"Đ": "D", "đ": "D"}
    for letter in _SPLIT:
        base = unicodedata.normalize("NFD", letter)[0].upper()
        plain[letter] = plain[letter.upper()] = base
    return str.maketrans(plain)


_PLAIN: Final = _plain_letters()


def normalize(text: str) -> str:
    """The stored form: NFC, true Đ, no invisible characters, single spaces. Case and tone placement stay as given."""
    if not text.isascii():
        if _REPAIRABLE.search(text):
            text = text.translate(_REPAIR)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def search_key(text: str) -> str:
    """Lower case, tone placement of the older style (hòa, thúy), apostrophes dropped, hyphens as spaces."""
    key = normalize(text).lower()
    if _MARKS.search(key):
        key = " ".join(key.translate(_FOLD_MARKS).split())
    if key.isascii():
        return key
    return _NEW_STYLE.sub(lambda found: _TONE_PLACE[found[0]], key)


def unaccented_key(text: str) -> str:
    """Upper-case ASCII, as services without Vietnamese letters hold names; what has no Latin base is left out."""
    key = search_key(text)
    if key.isascii():
        return key.upper()
    plain = key.translate(_PLAIN).upper()
    if plain.isascii():
        return plain
    return " ".join(unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().upper().split())


def same_name(a: str, b: str) -> Likeness:
    """How alike two names are; each step down is a weaker proof. Apostrophe variants count as "tone"."""
    if normalize(a).upper() == normalize(b).upper():
        return "exact"
    if search_key(a) == search_key(b):
        return "tone"
    if unaccented_key(a) == unaccented_key(b) != "":
        return "unaccented"
    return "different"


def _syllable_rank(syllable: str) -> tuple[str, str]:
    parts = [_SPLIT.get(letter, (letter, "0")) for letter in syllable]
    return "".join(_RANK.get(letter, letter) for letter, _ in parts), "".join(tone for _, tone in parts)


def sort_key(text: str) -> SortKey:
    """Order of a Vietnamese list of persons: given name (last), surname (first), then what is between."""
    syllables = search_key(text).split()
    ordered = [*syllables[-1:], *syllables[:-1]]
    return tuple(_syllable_rank(syllable) for syllable in ordered)


_WORD: Final = re.compile(r"[^\W\d_]+")


def title_case(text: str) -> str:
    """Each syllable with one capital, also after an apostrophe or hyphen: "H'MÔNG" → "H'Mông"."""
    return _WORD.sub(lambda found: found[0][0].upper() + found[0][1:].lower(), normalize(text))
