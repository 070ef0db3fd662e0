import pytest

from contracts.forms import FORMS, example, spec
from contracts.forms import to_groups as typed_to_groups
from contracts.worker import GROUP_MODELS

ON = "2026-07-05"


def to_groups(form, fields, declared_on):
    return typed_to_groups(form, fields, declared_on)


def tt11(**fields):
    return to_groups("tt11_mau03", fields, ON)


def nd318(**fields):
    return to_groups("nd318", fields, ON)


@pytest.mark.parametrize("form", FORMS)
def test_the_groups_hold_exactly_what_the_form_asks(form):
    asked = {path for field in spec(form).fields for path in field.records} - {"basic.cmnd"}
    groups = to_groups(form, {}, ON)
    assert {f"{group}.{name}" for group, values in groups.items() for name in values} == asked
    assert all(value is None for values in groups.values() for value in values.values())


@pytest.mark.parametrize("form", FORMS)
def test_the_example_fills_groups_that_the_record_can_hold(form):
    for group, values in to_groups(form, example(form)["fields"], ON).items():
        GROUP_MODELS[group].model_validate(values)


@pytest.mark.parametrize("form", FORMS)
def test_every_question_with_a_place_in_the_record_reaches_it(form):
    fields = example(form)["fields"]
    empty = to_groups(form, {}, ON)
    for field in spec(form).fields:
        if field.records and fields.get(field.name) is not None:
            only = to_groups(form, {field.name: fields[field.name]}, ON)
            if field.name != "tham_gia_bhxh" or form == "nd318":
                assert only != empty, field.name


def test_a_question_put_to_others_counts_as_asked_and_empty():
    situation = tt11(tinh_trang_hdkt="2", nguoi_that_nghiep="1", thoi_gian_that_nghiep="2")["situation"]
    assert situation["workplace_name"] is None
    assert situation["unemployment_duration"] == "2"
    assert "industry" not in situation


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("012194000123", {"personal_number": "012194000123"}),
        ("012 194 000 123", {"personal_number": "012194000123"}),
        ("045123456", {"cmnd": "045123456"}),
        ("12194000123", {"personal_number": "12194000123"}),
        ("04512345x", {"personal_number": "04512345x"}),
        (" ", {"personal_number": None}),
    ],
)
def test_a_number_of_tt11_goes_where_its_length_says(given, stored):
    basic = tt11(so_dinh_danh=given)["basic"]
    assert {name: basic[name] for name in ("personal_number", "cmnd") if name in basic} == stored


def test_nd318_asks_for_twelve_digits_so_another_number_stays_there_for_a_rule():
    basic = nd318(so_dinh_danh="045123456")["basic"]
    assert basic["personal_number"] == "045123456"
    assert "cmnd" not in basic


@pytest.mark.parametrize(
    ("given", "group"),
    [("03", "03"), ("Thái", "03"), ("thai", "03"), ("H'Mông", "08"), ("Sao Hỏa", "Sao Hỏa"), ("", None)],
)
def test_an_ethnic_group_is_understood_by_code_name_or_other_spelling(given, group):
    assert tt11(dan_toc=given)["basic"]["ethnic_group"] == group


def test_the_record_keeps_the_decrees_code_for_an_ethnic_minority():
    assert tt11(doi_tuong_uu_tien=["6", "2", "2"])["special"]["priority_groups"] == ["2", "8"]
    assert nd318(dac_thu=["6", "2"])["special"]["priority_groups"] == ["2", "6"]
    assert tt11(doi_tuong_uu_tien=[])["special"]["priority_groups"] is None


@pytest.mark.parametrize(
    ("takes_part", "kind", "participation"),
    [(False, None, "0"), (False, "1", "0"), (True, "2", "2"), (True, None, None), (None, None, None)],
)
def test_participation_in_social_insurance_is_one_code(takes_part, kind, participation):
    groups = tt11(tham_gia_bhxh=takes_part, loai_bhxh=kind)
    assert groups["insurance"]["participation"] == participation


@pytest.mark.parametrize(
    ("kind", "enterprise", "stored"),
    [("5", "52", "52"), ("5", None, "5"), (None, "53", "53"), ("1", "52", "1"), ("4", None, "4")],
)
def test_the_kind_of_enterprise_refines_only_an_enterprise(kind, enterprise, stored):
    groups = tt11(loai_hinh_noi_lam_viec=kind, loai_doanh_nghiep=enterprise)
    assert groups["situation"]["workplace_kind"] == stored


@pytest.mark.parametrize(
    ("has", "kind", "stored"),
    [(True, "1", (True, "1")), (False, None, (False, None)), (None, "0", (False, None)), (True, "0", (True, "0"))],
)
def test_no_contract_is_said_in_one_way_and_a_contradiction_is_kept_for_a_rule(has, kind, stored):
    situation = tt11(co_hdld=has, loai_hdld=kind)["situation"]
    assert (situation["has_contract"], situation["contract_kind"]) == stored


@pytest.mark.parametrize(
    ("contract", "stored"),
    [
        ({"loai": "1", "ngay_bat_dau": "2024-03-01"}, (True, "1", "2024-03-01")),
        ({"loai": "0"}, (False, None, None)),
        ({"ngay_bat_dau": "2024-03-01"}, (None, None, "2024-03-01")),
        (None, (None, None, None)),
    ],
)
def test_a_contract_of_nd318_is_read_from_its_composite(contract, stored):
    situation = nd318(hdld=contract)["situation"]
    assert tuple(situation[name] for name in ("has_contract", "contract_kind", "contract_started_on")) == stored


def test_an_old_commune_code_becomes_todays():
    old = {"ma_tinh": "12", "ma_huyen": "105", "ma_xa": "03386", "ngay_ma": "2024-01-01", "chi_tiet": " Tổ  4"}
    assert tt11(thuong_tru=old)["residence"]["permanent"] == {
        "province": "12",
        "commune": "03388",
        "commune_on": "2025-07-01",
        "detail": "Tổ 4",
    }


def test_the_same_address_declared_on_another_day_is_the_same():
    here = {"ma_xa": "03388", "chi_tiet": "Tổ 4"}
    elsewhere = {"ma_tinh": "01", "ma_xa": "00070"}
    for address in (here, elsewhere):
        fields = {"thuong_tru": address}
        assert to_groups("nd318", fields, "2026-01-01") == to_groups("nd318", fields, "2026-12-31")


def test_an_undated_code_is_one_of_the_day_of_declaration():
    assert tt11(thuong_tru={"ma_xa": "03386"})["residence"]["permanent"]["commune"] == "03386"
    before = to_groups("tt11_mau03", {"thuong_tru": {"ma_xa": "03386"}}, "2025-06-30")
    assert before["residence"]["permanent"]["commune"] == "03388"


def test_a_code_of_elsewhere_keeps_its_date():
    address = {"ma_tinh": "01", "ma_xa": "00070", "ngay_ma": "2026-07-05"}
    assert nd318(tam_tru=address)["residence"]["temporary"]["commune_on"] == "2026-07-05"
    early = to_groups("nd318", {"tam_tru": {"ma_xa": "00001"}}, "2025-01-01")
    assert early["residence"]["temporary"]["commune_on"] == "2025-01-01"


def test_an_address_of_empty_members_is_empty():
    assert tt11(thuong_tru={"ma_xa": " ", "chi_tiet": None})["residence"]["permanent"] is None
    assert tt11(thuong_tru={"chi_tiet": "Bản Mẫu"})["residence"]["permanent"] == {
        "province": None,
        "commune": None,
        "commune_on": None,
        "detail": "Bản Mẫu",
    }


def test_names_are_stored_in_one_unicode_form_with_a_true_d():
    assert tt11(ho_ten="  Ðỗ\u00a0 Thi\u0323 Mai\u200b ")["basic"]["full_name"] == "Đỗ Thị Mai"


def test_a_place_of_work_may_be_only_a_yes_or_no():
    situation = nd318(dia_diem_lam_viec={"khu_cong_nghiep": True})["situation"]
    assert (situation["workplace_address"], situation["in_industrial_zone"]) == (None, True)


@pytest.mark.parametrize("form", FORMS)
def test_the_payload_is_left_as_it_was(form):
    fields = example(form)["fields"]
    to_groups(form, fields, ON)
    assert fields == example(form)["fields"]
