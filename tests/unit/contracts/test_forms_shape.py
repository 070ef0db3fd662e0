import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.forms import FORMS, ShapeFault, check, example, spec, to_groups
from contracts.forms.shape import FAULTS_MAX, ITEMS_MAX
from contracts.problems import PROBLEMS


def rules(form, fields):
    return [(fault.field, fault.rule) for fault in check(form, fields)]


@pytest.mark.parametrize("form", FORMS)
def test_the_example_is_well_built(form):
    assert check(form, example(form)["fields"]) == ()


@pytest.mark.parametrize("form", FORMS)
def test_every_field_may_be_left_empty_or_out(form):
    assert check(form, {}) == ()
    assert check(form, dict.fromkeys(spec(form).by_name)) == ()


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"tuoi": "31"}, ("tuoi", "unknown-field")),
        ({"ho_ten": 7}, ("ho_ten", "wrong-type")),
        ({"so_dinh_danh": 12194000123}, ("so_dinh_danh", "wrong-type")),
        ({"gioi_tinh": 1}, ("gioi_tinh", "wrong-type")),
        ({"co_hdld": "true"}, ("co_hdld", "wrong-type")),
        ({"co_hdld": 1}, ("co_hdld", "wrong-type")),
        ({"doi_tuong_uu_tien": "1"}, ("doi_tuong_uu_tien", "wrong-type")),
        ({"doi_tuong_uu_tien": [None]}, ("doi_tuong_uu_tien.0", "wrong-type")),
        ({"doi_tuong_uu_tien": ["1"] * (ITEMS_MAX + 1)}, ("doi_tuong_uu_tien", "too-many-items")),
        ({"thuong_tru": "Lai Châu"}, ("thuong_tru", "wrong-type")),
        ({"thuong_tru": {"xa": "03388"}}, ("thuong_tru.xa", "unknown-field")),
        ({"thuong_tru": {"ma_xa": 3388}}, ("thuong_tru.ma_xa", "wrong-type")),
        ({"thuong_tru": {"khu_cong_nghiep": True}}, ("thuong_tru.khu_cong_nghiep", "unknown-field")),
        ({"cong_viec_cu_the": "a" * 501}, ("cong_viec_cu_the", "too-long")),
        ({"ho_ten": "Lò\x00Mai"}, ("ho_ten", "nul-character")),
        ({"ho_ten": "\ud800"}, ("ho_ten", "unpaired-surrogate")),
        ({"nguoi_co_viec_lam": "1"}, ("nguoi_co_viec_lam", "wrong-type")),
    ],
)
def test_a_fault_of_structure_is_named(fields, fault):
    assert rules("tt11_mau03", fields) == [fault]


def test_each_fault_of_a_payload_is_reported():
    assert rules("nd318", {"hdld": {"loai": 1, "kieu": "x"}, "trinh_do_cmkt": "7", "nhu_cau": "co"}) == [
        ("trinh_do_cmkt", "wrong-type"),
        ("hdld.loai", "wrong-type"),
        ("hdld.kieu", "unknown-field"),
        ("nhu_cau", "wrong-type"),
    ]


def test_what_is_said_of_a_fault_repeats_no_value_of_the_payload():
    (fault,) = check("tt11_mau03", {"ho_ten": "Lò Thị Mai" * 100})
    assert fault == ShapeFault("ho_ten", "too-long", "at most 200")


def test_a_hostile_field_name_comes_back_short_and_printable():
    (fault,) = check("tt11_mau03", {"\x00" + "x" * 10_000: "1"})
    assert len(fault.field) <= 60
    assert "\x00" not in fault.field
    assert [fault.rule for fault in check("tt11_mau03", {"\ud800": "1"})] == ["unpaired-surrogate"]


def test_a_payload_of_nothing_but_faults_is_answered_with_the_first_ones():
    assert len(check("tt11_mau03", {f"x{number}": 1 for number in range(1_000)})) == FAULTS_MAX


def test_content_is_not_judged_here():
    fields = {"gioi_tinh": "Nam", "ngay_sinh": "hôm qua", "so_dinh_danh": "1.2E+10", "tinh_trang_hdkt": "77"}
    assert check("tt11_mau03", fields) == ()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.text(string.digits, max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["ma_xa", "ma_tinh", "ngay_ma", "chi_tiet", "loai", "ma", "x"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_whatever_passes_the_check_can_be_mapped_and_every_fault_has_a_catalogued_code(form, data):
    fields = data.draw(st.dictionaries(st.sampled_from([*spec(form).by_name, "other"]), values, max_size=8))
    faults = check(form, fields)
    assert {fault.rule for fault in faults} <= PROBLEMS.keys()
    if not faults:
        to_groups(form, fields, "2026-07-05")
