"""Names: the stored form keeps what the law wrote, the keys find the person anyway."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.names import normalize, same_name, search_key, sort_key, title_case, unaccented_key

LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
syllables = st.text(alphabet=LETTERS + LETTERS.upper() + "'", min_size=1, max_size=7)
names = st.lists(syllables, min_size=1, max_size=5).map(" ".join)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_every_unicode_form_of_a_name_is_stored_as_one(form):
    """Requirement 19: composed or not, it is one person's name."""
    assert normalize(unicodedata.normalize(form, "Nguyễn Thị Huệ")) == "Nguyễn Thị Huệ"


def test_half_composed_text_of_cp1258_converters_is_composed():
    assert normalize("Nguyê\u0303n") == "Nguyễn"


def test_dot_below_before_circumflex_is_composed():
    assert normalize("Viê\u0323t") == normalize("Vie\u0323\u0302t") == "Việt"


@pytest.mark.parametrize("wrong", ["\u00d0ào", "\u0189ào"])
def test_look_alikes_of_the_letter_d_with_stroke_become_that_letter(wrong):
    assert normalize(wrong) == "Đào"
    assert normalize(wrong.lower()) == "đào"


def test_invisible_characters_go_and_odd_spaces_become_one_space():
    """Requirement 19."""
    assert normalize("\ufeff Lò\u00a0\u00a0Thị\u200b \t Én\u2009") == "Lò Thị Én"


def test_a_zero_width_character_between_letter_and_mark_does_not_keep_them_apart():
    assert normalize("Lo\u200b\u0300") == "Lò"


def test_the_stored_name_keeps_case_and_tone_placement():
    assert normalize("LÒ Thị hoà") == "LÒ Thị hoà"


def test_a_soft_hyphen_stays_because_it_is_a_letter_of_a_legacy_encoding():
    assert normalize("L\u00adu") == "L\u00adu"


@given(st.text(max_size=40))
def test_normalizing_twice_changes_nothing_more(text):
    assert normalize(normalize(text)) == normalize(text)


@given(names)
def test_keys_of_the_stored_name_are_keys_of_the_name_as_given(name):
    decomposed = unicodedata.normalize("NFD", name)
    assert search_key(decomposed) == search_key(name)
    assert unaccented_key(decomposed) == unaccented_key(name)


@pytest.mark.parametrize(
    ("new", "old"),
    [("Hoà", "Hòa"), ("Thuý", "Thúy"), ("Khoẻ", "Khỏe"), ("THUỲ", "THÙY"), ("Hoạ", "Họa"), ("Duỵ", "Dụy")],
)
def test_both_placements_of_the_tone_have_one_search_key(new, old):
    assert search_key(new) == search_key(old) == old.lower()


@pytest.mark.parametrize("name", ["quý", "quỳ", "hoàn", "toán", "huỳnh", "hoài", "già", "khuỷu"])
def test_syllables_where_all_agree_on_the_tone_are_left_alone(name):
    assert search_key(name) == name


@pytest.mark.parametrize("apostrophe", ["'", "\u2019", "\u02bc", "`", "\u2018", ""])
def test_apostrophe_variants_have_one_search_key(apostrophe):
    assert search_key(f"H{apostrophe}Mông") == "hmông"


def test_a_hyphen_counts_as_a_space():
    assert search_key("Khơ-mú") == search_key("Khơ Mú")


@pytest.mark.parametrize(
    ("name", "key"), [("Đặng Thị Thuý", "DANG THI THUY"), ("  giàng a phử ", "GIANG A PHU"), ("H’Ưng", "HUNG")]
)
def test_services_without_vietnamese_letters_get_plain_capitals(name, key):
    assert unaccented_key(name) == key


@given(st.text(max_size=40))
def test_an_unaccented_key_is_always_ascii(text):
    assert unaccented_key(text).isascii()


@given(names)
def test_the_unaccented_key_does_not_depend_on_case(name):
    assert unaccented_key(name.upper()) == unaccented_key(name.lower())


@pytest.mark.parametrize(
    ("a", "b", "likeness"),
    [
        ("Lò Thị Hoà", "LÒ  THỊ HOÀ", "exact"),
        ("Lò Thị Hoà", "Lò Thị Hòa", "tone"),
        ("H'Mai", "H’Mai", "tone"),
        ("Lò Thị Hoà", "Lo Thi Hoa", "unaccented"),
        ("Lò Thị Hoa", "Lù Thị Hoa", "different"),
        ("", "Lò", "different"),
        ("李", "王", "different"),
    ],
)
def test_likeness_of_two_names(a, b, likeness):
    assert same_name(a, b) == likeness
    assert same_name(b, a) == likeness


def test_persons_are_listed_by_given_name_then_surname_then_middle():
    listed = ["Vàng Thị An", "Lò Văn Ân", "Lò A Bình", "Lò Thị Bình", "Sùng A Bình", "Giàng Dè", "Giàng Đề"]
    backwards = listed[::-1]
    assert sorted(backwards, key=sort_key) == listed


def test_tones_are_ordered_as_in_a_dictionary():
    listed = ["Ma", "Mà", "Mả", "Mã", "Má", "Mạ"]
    backwards = listed[::-1]
    assert sorted(backwards, key=sort_key) == listed


def test_the_placement_of_the_tone_does_not_change_the_order():
    assert sort_key("Lò Thị Hoà") == sort_key("Lò Thị Hòa")


@pytest.mark.parametrize(
    ("typed", "cased"),
    [
        ("GIÀNG A PHỬ", "Giàng A Phử"),
        ("h'mông", "H'Mông"),
        ("ksor h’lan", "Ksor H’Lan"),
        ("BRU-VÂN KIỀU", "Bru-Vân Kiều"),
    ],
)
def test_every_syllable_gets_one_capital(typed, cased):
    assert title_case(typed) == cased
