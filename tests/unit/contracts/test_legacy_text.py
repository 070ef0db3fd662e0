"""Legacy encodings: what is certain is named and can be converted back, what is possible in Unicode is left alone."""

import unicodedata

import pytest

from contracts.codelists import load
from contracts.legacy_text import convert_legacy, has_control_characters, has_invisible, suspect_legacy
from contracts.syllables import is_plausible

NAMES = [
    "Nguyễn Văn Tuấn", "Lò Thị Hương", "Giàng A Phử", "Sùng A Lùng", "Thào Thị Mỷ", "Chẻo Tả Mẩy", "Tẩn A Sơn",
    "Phùn Láo Tả", "Lý Mỹ Dung", "Đỗ Đình Quý", "Lê Lưu", "Trần Thị Hoà", "Hoàng Trường Giang", "Lai Châu",
    "Vàng Thị Nguyệt", "Quàng Văn Yên", "Lỳ Hừ Xá", "Mùa A Dở", "Trịnh Thuỳ Linh", "Bản Nà Khiết, xã Mường Than",
]  # fmt: skip
NOT_LEGACY = [
    *NAMES, "H'Blơ Niê", "Y Ñuăr", "Ñinh", "Siu H’Yăm", "Rơ Châm H'Ơt", "Brâu", "Ê-đê", "K'Brỡi", "Ðào Thị", "HÀ NHÌ",
    "Bru-Vân Kiều", "Xơ-đăng", "Müller", "José", "Noël", "Peña", "São Paulo", "naïve", "5 m²", "37°C", "«Lai Châu»",
    "Kon Tum · Lào", "Ghi chú: 3½", "Lo Thi Hoa", "", "lÊ", "Tà Ôi",
]  # fmt: skip


def _in_tcvn3(text):
    """Capital vowels with a tone have no byte in TCVN3: a capital font draws them from the lower-case ones."""
    table = {row["unicode_nfc"]: row["surface_cp1252"] for row in load("legacy_tcvn3_map").rows}
    return "".join(table.get(char) or table.get(char.lower(), char) for char in text)


def _in_vni(text):
    table = {row["unicode_nfc"]: row["surface"] for row in load("legacy_vni_map").rows}
    return "".join(table.get(char, char) for char in text)


def _in_mojibake(text):
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("kind", "spoil"), [("tcvn3", _in_tcvn3), ("vni", _in_vni), ("mojibake", _in_mojibake)])
def test_a_legacy_name_is_recognised_and_read_back(name, kind, spoil):
    spoilt = spoil(name)
    assert suspect_legacy(spoilt) == kind
    assert convert_legacy(spoilt, kind).lower() == name.lower()


@pytest.mark.parametrize("text", NOT_LEGACY)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_of_all_peoples_in_unicode_are_not_suspected(text, form):
    assert suspect_legacy(unicodedata.normalize(form, text)) is None


@pytest.mark.parametrize(
    "name",
    ["ethnic_groups", "ethnic_aliases", "laichau_communes_2025", "laichau_old_to_new_units", "provinces_2025",
     "occupation_vsco2020_l1_l2", "vsic2025_l1_l3"],
)  # fmt: skip
def test_no_label_of_our_own_lists_is_suspected(name):
    assert [label for label in map(load(name).label, load(name)) if label and suspect_legacy(label)] == []


def test_decomposed_text_read_as_cp1252_comes_back_composed():
    spoilt = _in_mojibake(unicodedata.normalize("NFD", "Lò Thị Hệ"))
    assert suspect_legacy(spoilt) == "mojibake"
    assert convert_legacy(spoilt, "mojibake") == "Lò Thị Hệ"


def test_bytes_that_are_no_utf8_stay_as_they_are():
    assert convert_legacy("Ã¢ Ã Ä", "mojibake") == "â Ã Ä"


@pytest.mark.parametrize("text", ["a\x00b", "a\x07", "\x7f", "a\x85b", "\ud800"])
def test_control_characters_are_noticed(text):
    assert has_control_characters(text)


def test_tab_and_line_ends_are_ordinary_text():
    assert not has_control_characters("Bản Nà Khiết\r\n\tTổ 3")


@pytest.mark.parametrize("char", ["\u200b", "\u200d", "\ufeff", "\u00ad", "\u202e", "\u2060"])
def test_invisible_characters_are_noticed(char):
    assert has_invisible(f"Lò{char}Thị")
    assert not has_invisible("Lò Thị")


@pytest.mark.parametrize(
    "word", ["Nguyễn", "nghiêng", "giường", "GÌ", "quý", "hoà", "hòa", "Uyên", "khuỷu", "ươi", "Phử"]
)
def test_syllables_of_the_language_are_plausible(word):
    assert is_plausible(word)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "Nguyeãn",
        "lẽõ",
        "leõ",
        "hàt",
        "wa",
        "fa",
        "x1",
        "nghiêngg",
        "ngh",
        "Xtiêng",
        "bl",
        "ñang",
        "quy\u0301\u0300",
    ],
)
def test_other_words_are_not_plausible(word):
    assert not is_plausible(word)
