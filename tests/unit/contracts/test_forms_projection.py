from hypothesis import given
from hypothesis import strategies as st

from contracts import communes
from contracts.codelists import load
from contracts.forms import Question, check, example, to_groups, to_nd318

ON = "2026-07-05"


def code(name):
    return st.sampled_from(sorted(load(name).codes))


def some(**members):
    """An object with at least one of the members."""
    return st.fixed_dictionaries({}, optional=members).filter(bool)


words = (
    st.text(st.sampled_from("aâbcdđêghklmnôơtưxy ABĐ"), min_size=1, max_size=20)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
dates = st.dates().map(str)
here = st.fixed_dictionaries(
    {
        "ma_tinh": st.just("12"),
        "ma_xa": st.sampled_from([commune.code for commune in communes.ALL]),
        "ngay_ma": st.just(communes.TWO_TIER_FROM),
    },
    optional={"chi_tiet": words},
)
elsewhere = st.fixed_dictionaries(
    {"ma_tinh": st.just("01"), "ma_xa": st.sampled_from(["00070", "00004"]), "ngay_ma": st.just("2026-07-05")},
    optional={"chi_tiet": words},
)
address = here | elsewhere
payload = st.fixed_dictionaries(
    {},
    optional={
        "ho_ten": words,
        "ngay_sinh": st.sampled_from(["1960", "1960-05", "1960-05-12"]),
        "gioi_tinh": code("gender"),
        "so_dinh_danh": st.from_regex(r"\A[0-9]{12}\Z"),
        "ma_so_bhxh": st.from_regex(r"\A[0-9]{10}\Z"),
        "thuong_tru": address,
        "tam_tru": address,
        "dac_thu": st.sets(code("priority_groups_nd318"), min_size=1).map(sorted),
        "lop_gdpt": st.sampled_from(["5/5", "9/12", "12/12", "7/10"]),
        "trinh_do_cmkt": some(ma=code("technical_qualification_nd318"), nganh=words),
        "tinh_trang_hdkt": code("economic_activity_status"),
        "ly_do": code("inactive_reason_nd318"),
        "tham_gia_bhxh": code("social_insurance_participation"),
        "chuc_vu": words,
        "nghe_nghiep": code("occupation_vsco2020_l1_l2"),
        "hdld": some(loai=code("contract_type"), ngay_bat_dau=dates),
        "dia_diem_lam_viec": st.one_of(
            address,
            some(khu_cong_nghiep=st.booleans()),
            st.tuples(address, st.booleans()).map(lambda both: {**both[0], "khu_cong_nghiep": both[1]}),
        ),
        "ten_nsdld": words,
        "ma_so_nsdld": st.from_regex(r"\A[0-9]{10}\Z"),
        "loai_hinh": code("workplace_type_nd318"),
        "tru_so": address,
        "nganh_kinh_te": code("vsic2025_l1_l3"),
        "thoi_gian_that_nghiep": code("unemployment_duration"),
        "ly_do_that_nghiep": code("unemployment_reason_nd318"),
        "nhu_cau": st.booleans(),
    },
)


@given(payload)
def test_an_nd318_form_survives_the_way_through_the_record(fields):
    assert check("nd318", fields) == ()
    again, questions = to_nd318(to_groups("nd318", fields, ON))
    assert again == fields
    assert not [question for question in questions if question.kind != "ask"]


def from_tt11(**fields):
    said, questions = to_nd318(to_groups("tt11_mau03", fields, ON))
    assert check("nd318", said) == ()
    return said, set(questions)


def test_a_tt11_form_keeps_its_answers_and_says_what_is_lost_or_open():
    said, questions = from_tt11(**example("tt11_mau03")["fields"])
    assert said["ho_ten"] == "LÒ THỊ MAI"
    assert said["hdld"] == {"loai": "2", "ngay_bat_dau": "2024-03-01"}
    assert said["loai_hinh"] == "52"
    assert said["dac_thu"] == ["3", "8"]
    assert said["trinh_do_cmkt"] == {"ma": "5", "nganh": "Kế toán"}
    assert questions == {
        Question("residence.current", "flag", "tam_tru"),
        Question("education.general_education", "ask", "lop_gdpt"),
        Question("basic.ethnic_group", "lost"),
        Question("situation.employment_status", "lost"),
        Question("situation.occupation", "ask", "nghe_nghiep"),
        Question("situation.in_industrial_zone", "ask", "dia_diem_lam_viec"),
        Question("situation.employer_code", "ask", "ma_so_nsdld"),
        Question("situation.employer_address", "ask", "tru_so"),
        Question("situation.industry", "ask", "nganh_kinh_te"),
        Question("needs.job_seeking", "ask", "nhu_cau"),
    }


def test_disability_as_a_reason_becomes_other_and_a_special_status():
    said, questions = from_tt11(tinh_trang_hdkt="3", ly_do_khong_tham_gia="4", doi_tuong_uu_tien=["2"])
    assert (said["ly_do"], said["dac_thu"]) == ("9", ["1", "2"])
    assert Question("situation.inactive_reason", "flag", "ly_do") in questions


def test_a_certificate_proves_a_lower_bound_of_the_grade():
    assert from_tt11(trinh_do_gdpt="3")[0]["lop_gdpt"] == "9/12"
    said, questions = from_tt11(trinh_do_gdpt="1")
    assert "lop_gdpt" not in said
    assert Question("education.general_education", "ask", "lop_gdpt") in questions


def test_an_old_number_has_no_place_and_the_new_one_must_be_asked():
    said, questions = from_tt11(so_dinh_danh="045123456")
    assert "so_dinh_danh" not in said
    assert {Question("basic.cmnd", "lost"), Question("basic.personal_number", "ask", "so_dinh_danh")} <= questions


def test_living_at_the_permanent_address_is_no_temporary_residence():
    home = {"ma_xa": "03388", "chi_tiet": "Tổ 4"}
    said, questions = from_tt11(thuong_tru=home, noi_o_hien_tai=home)
    assert "tam_tru" not in said
    assert not {question for question in questions if question.path == "residence.current"}


def test_a_registered_temporary_residence_is_preferred_to_the_current_one():
    groups = to_groups("nd318", {"tam_tru": {"ma_xa": "03388"}}, ON)
    groups["residence"]["current"] = {"commune": "03408"}
    said, questions = to_nd318(groups)
    assert said["tam_tru"] == {"ma_tinh": "12", "ma_xa": "03388", "ngay_ma": "2025-07-01"}
    assert Question("residence.current", "lost") in questions


def test_an_unemployed_person_is_asked_for_the_reason_and_the_wish_for_work():
    _, questions = from_tt11(so_dinh_danh="012194000123", tinh_trang_hdkt="2", nguoi_that_nghiep="2")
    assert questions == {
        Question("situation.unemployment_history", "lost"),
        Question("situation.unemployment_reason", "ask", "ly_do_that_nghiep"),
        Question("needs.job_seeking", "ask", "nhu_cau"),
    }


def test_a_contract_of_unknown_kind_must_be_asked():
    _, questions = from_tt11(co_hdld=True)
    assert Question("situation.contract_kind", "ask", "hdld") in questions
    assert from_tt11(co_hdld=False)[0]["hdld"] == {"loai": "0"}


def test_nothing_known_says_nothing():
    assert to_nd318({}) == ({}, (Question("basic.personal_number", "ask", "so_dinh_danh"),))
