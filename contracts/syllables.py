"""Whether a word could be a Vietnamese syllable: onset, rime, and one tone where the spelling puts it.

Names of other peoples are written in this alphabet too, but not always in such syllables ("Xtiêng", "Blơ"): an
implausible word proves nothing by itself.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from contracts.codelists import load

SYLLABLE_LENGTH_MAX: Final = 7
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_TONES_OF_STOPS: Final = "\u0301\u0323"
_TONE: Final = re.compile(f"[{_TONES}]")
_MARKED_VOWELS: Final = "ăâêôơư"
_VOWELS: Final = "aeiouy" + _MARKED_VOWELS
# Open rimes where both vowels are found with the tone: hòa and hoà.
_EITHER_VOWEL: Final = frozenset({"oa", "oe", "uy"})
_STOPS: Final = ("c", "ch", "p", "t")


@cache
def _parts() -> tuple[frozenset[str], frozenset[str]]:
    rows = load("vietnamese_syllables").rows
    onsets = {onset for row in rows if row["part"] == "onset" for onset in row["letters"].split()}
    rimes = {rime for row in rows if row["part"] == "rime" for rime in row["letters"].split()}
    return frozenset(onsets | {""}), frozenset(rimes)


def is_plausible(word: str) -> bool:
    """One word, in any case. False for anything with a digit, a foreign letter, two tones or a misplaced tone."""
    if not 0 < len(word) <= SYLLABLE_LENGTH_MAX:
        return False
    bare, tone, tone_at = _take_tone(word.lower())
    if tone is None:
        return False
    onsets, rimes = _parts()
    return any(
        bare[:cut] in onsets and bare[cut:] in rimes and _tone_fits(bare[cut:], tone, tone_at - cut)
        for cut in range(min(4, len(bare)))
    )


def _take_tone(word: str) -> tuple[str, str | None, int]:
    """(letters without tone, tone or "" or None if there are several, index of the letter that bears it)."""
    bare, tone, tone_at = "", "", -1
    for at, letter in enumerate(unicodedata.normalize("NFC", word)):
        marks = unicodedata.normalize("NFD", letter)
        if found := _TONE.search(marks):
            if tone:
                return bare, None, at
            tone, tone_at = found[0], at
            marks = marks.replace(tone, "")
        bare += unicodedata.normalize("NFC", marks)
    return bare, tone, tone_at


def _tone_fits(rime: str, tone: str, at: int) -> bool:
    if not tone:
        return True
    vowels = [place for place, letter in enumerate(rime) if letter in _VOWELS]
    coda = rime[len(vowels) :]
    if at not in vowels or (coda in _STOPS and tone not in _TONES_OF_STOPS):
        return False
    return at in _tone_places(rime, vowels, bool(coda))


def _tone_places(rime: str, vowels: list[int], closed: bool) -> list[int]:
    marked = [place for place in vowels if rime[place] in _MARKED_VOWELS]
    if marked:
        return marked[-1:]
    if closed or len(vowels) == 1:
        return vowels[-1:]
    if len(vowels) == 3:
        return vowels[1:2]
    return vowels if rime in _EITHER_VOWEL else vowels[:1]
