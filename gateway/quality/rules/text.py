"""How text is written: legacy fonts, characters that do not show, look-alikes, words that fill a box."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from contracts.legacy_text import Legacy, has_control_characters, has_invisible, suspect_legacy
from gateway.quality.facts import SYLLABLES_MAX, Facts
from gateway.quality.registry import Hit, Outcome, rule
from gateway.quality.traits import FILLER, ODD_NAME, ODD_TEXT
from gateway.quality.writing import is_filler

_LEGACY: Final[dict[Legacy, str]] = {"tcvn3": "TCVN3 (.Vn…)", "vni": "VNI", "mojibake": "UTF-8/CP1252"}
_LOOK_ALIKE_D: Final = re.compile("[\u00d0\u00f0\u0189\u0256]")
_OTHER_SCRIPT: Final = re.compile("[\u0370-\u03ff\u0400-\u04ff\uff01-\uff5e]")
_DIGIT: Final = re.compile(r"\d")
_NAME_SIGNS: Final = re.compile(r"[^\w\s'\u2019\u2018\u02bc\u02bb`\u00b4\-\u2010\u2011.]|_")
_NAME_FIELDS: Final = frozenset({"ho_ten", "nguoi_cung_cap", "basic.full_name"})


@rule("SACH-001", "refuse", trait=ODD_TEXT)
def text_is_in_a_legacy_encoding(facts: Facts) -> Outcome:
    found = ((name, suspect_legacy(text)) for name, text in facts.doubtful_texts)
    return tuple(Hit((_LEGACY[kind],), (name,)) for name, kind in found if kind is not None)


@rule("SACH-002", "refuse", trait=ODD_TEXT)
def text_has_control_characters(facts: Facts) -> Outcome:
    return tuple(Hit(paths=(name,)) for name, text in facts.doubtful_texts if has_control_characters(text))


@rule("SACH-003", "note", trait=ODD_TEXT)
def text_has_invisible_characters(facts: Facts) -> Outcome:
    return tuple(Hit(paths=(name,)) for name, text in facts.doubtful_texts if has_invisible(text))


@rule("SACH-004", "note", trait=ODD_TEXT)
def text_is_decomposed(facts: Facts) -> Outcome:
    found = facts.doubtful_texts
    return tuple(Hit(paths=(name,)) for name, text in found if not unicodedata.is_normalized("NFC", text))


@rule("SACH-005", "note", trait=ODD_TEXT)
def text_has_a_letter_that_looks_like_d_with_stroke(facts: Facts) -> Outcome:
    return tuple(Hit(paths=(name,)) for name, text in facts.doubtful_texts if _LOOK_ALIKE_D.search(text))


@rule("SACH-006", "warn", trait=ODD_TEXT)
def text_has_letters_of_another_script(facts: Facts) -> Outcome:
    return tuple(Hit(paths=(name,)) for name, text in facts.doubtful_texts if _OTHER_SCRIPT.search(text))


@rule("SACH-013", "warn", trait=FILLER)
def text_only_fills_the_box(facts: Facts) -> Outcome:
    found = (name for name, text in facts.texts if is_filler(text))
    return tuple(Hit(paths=(name,)) for name in found if name not in _NAME_FIELDS)


# Names of a person. The legal name is stored as given, so most of these only ask.


@rule("SACH-012", "refuse", "basic.full_name", trait=FILLER)
def name_only_fills_the_box(facts: Facts) -> Outcome:
    return facts.name is not None and is_filler(facts.name)


@rule("SACH-009", "refuse", "basic.full_name", trait=ODD_NAME)
def name_has_digits(facts: Facts) -> Outcome:
    return facts.name is not None and _DIGIT.search(facts.name) is not None


@rule("SACH-008", "warn", "basic.full_name", trait=ODD_NAME)
def name_is_one_syllable(facts: Facts) -> Outcome:
    return facts.name is not None and " " not in facts.name and not facts.name.isdigit()


@rule("SACH-010", "warn", "basic.full_name", trait=ODD_NAME)
def name_has_too_many_syllables(facts: Facts) -> Outcome:
    if facts.name is None or facts.name.count(" ") < SYLLABLES_MAX:
        return False
    return (Hit((str(SYLLABLES_MAX),)),)


@rule("SACH-011", "warn", "basic.full_name", trait=ODD_NAME)
def name_has_signs(facts: Facts) -> Outcome:
    return facts.name is not None and _NAME_SIGNS.search(facts.name) is not None


@rule("SACH-007", "note", "basic.full_name", forms=("nd318",))
def name_is_all_capitals(facts: Facts) -> Outcome:
    # Mẫu số 03 asks for capitals on paper; the electronic form and other databases do not.
    return facts.name is not None and facts.name.isupper()
