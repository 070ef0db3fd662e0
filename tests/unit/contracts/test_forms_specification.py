import pytest

from contracts.codelists import load, names
from contracts.forms import FORMS, spec
from contracts.worker import GROUP_MODELS, IDENTIFYING

SOURCES = {"tt11_mau03": "form_mau03_tt11_2022_fields", "nd318": "form_nd318_2025_fields"}
MEMBERS_OF_COMPOSITES = {"education.training_field", "situation.has_contract", "situation.contract_started_on"}
RESIDENCES = {"residence.permanent", "residence.current", "residence.temporary"}


@pytest.mark.parametrize("form", FORMS)
def test_every_field_of_the_form_is_there_in_order_with_its_printed_label(form):
    printed = [(row["no"], row["field"], row["label_vi"]) for row in load(SOURCES[form]).rows]
    assert [(field.no, field.name, field.label_vi) for field in spec(form).fields] == printed


@pytest.mark.parametrize("form", FORMS)
def test_every_code_list_that_a_field_names_exists(form):
    assert set(spec(form).codelists.values()) <= set(names())


@pytest.mark.parametrize("form", FORMS)
def test_every_condition_names_a_field_of_the_form_and_codes_of_its_list(form):
    form_spec = spec(form)
    for condition in filter(None, (field.when for field in form_spec.fields)):
        asked_by = form_spec.by_name[condition.field]
        possible = {"true", "false"} if asked_by.kind == "boolean" else load(asked_by.codelist or "").codes
        assert condition.values <= possible


@pytest.mark.parametrize("form", FORMS)
def test_every_record_path_exists_in_the_record(form):
    paths = {path for field in spec(form).fields for path in field.records}
    known = {f"{group}.{name}" for group, model in GROUP_MODELS.items() for name in model.model_fields}
    assert paths <= known


@pytest.mark.parametrize("form", FORMS)
def test_a_field_identifies_exactly_when_its_place_in_the_record_does(form):
    secret = {f"{group}.{name}" for group, fields in IDENTIFYING.items() for name in fields}
    form_spec = spec(form)
    assert form_spec.identifying - {"nguoi_cung_cap"} == {
        field.name for field in form_spec.fields if set(field.records) & secret
    }
    assert form_spec.identifying_detail == {field.name for field in form_spec.fields if set(field.records) & RESIDENCES}


def test_paths_and_fields_lead_to_each_other():
    form = spec("tt11_mau03")
    assert form.field_of("situation.activity") == "tinh_trang_hdkt"
    assert form.path_of("tinh_trang_hdkt") == "situation.activity"
    assert form.field_of("basic.cmnd") == "so_dinh_danh"
    assert form.path_of("so_dinh_danh") == "basic.personal_number"
    assert form.field_of("situation.industry") is None
    assert form.path_of("tinh") is None
    assert form.path_of("no_such_field") is None


def test_the_members_of_a_composite_lead_to_its_field():
    form = spec("nd318")
    assert {form.field_of(path) for path in MEMBERS_OF_COMPOSITES} == {"trinh_do_cmkt", "hdld"}


@pytest.mark.parametrize(
    ("form", "field", "fields", "demanded"),
    [
        ("tt11_mau03", "ho_ten", {}, True),
        ("tt11_mau03", "ma_so_bhxh", {}, False),
        ("tt11_mau03", "vi_the_viec_lam", {"tinh_trang_hdkt": "1"}, True),
        ("tt11_mau03", "vi_the_viec_lam", {"tinh_trang_hdkt": "2"}, False),
        ("tt11_mau03", "vi_the_viec_lam", {"tinh_trang_hdkt": None}, False),
        ("tt11_mau03", "loai_hdld", {"co_hdld": True}, True),
        ("tt11_mau03", "loai_hdld", {"co_hdld": False}, False),
        ("tt11_mau03", "dan_toc", {"doi_tuong_uu_tien": ["2", "6"]}, True),
        ("tt11_mau03", "dan_toc", {"doi_tuong_uu_tien": ["2"]}, False),
        ("nd318", "nhu_cau", {"tinh_trang_hdkt": "2"}, True),
        ("nd318", "nhu_cau", {"tinh_trang_hdkt": "3"}, False),
        ("nd318", "ly_do_that_nghiep", {"tinh_trang_hdkt": "2"}, False),
    ],
)
def test_an_answer_is_demanded_of_those_whom_the_form_asks(form, field, fields, demanded):
    assert spec(form).by_name[field].demanded(fields) is demanded


def test_an_optional_question_is_still_asked():
    assert spec("nd318").by_name["ly_do_that_nghiep"].asked({"tinh_trang_hdkt": "2"})
    assert not spec("nd318").by_name["ly_do_that_nghiep"].asked({"tinh_trang_hdkt": "1"})
