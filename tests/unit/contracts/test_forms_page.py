import re
from importlib import resources

import orjson
import pytest

from contracts.codelists import load
from contracts.entry import Entry, FormName
from contracts.forms import FORMS, check, example, spec
from contracts.identifiers import PersonalNumber

PAGE = resources.files("contracts.forms").joinpath("README.md").read_text(encoding="utf-8")
BLOCKS = [orjson.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
COMPOSITES: dict[str, tuple[FormName, str]] = {
    "ngay_bat_dau": ("nd318", "hdld"),
    "nganh": ("nd318", "trinh_do_cmkt"),
    "ma_xa": ("nd318", "dia_diem_lam_viec"),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_page_shows_the_shipped_example(form):
    assert [block for block in BLOCKS if block.get("form") == form] == [example(form)]


@pytest.mark.parametrize("form", FORMS)
def test_the_example_is_an_entry_and_answers_all_that_is_demanded(form):
    entry = Entry.model_validate(example(form))
    answered = {name for name, value in entry.fields.items() if value is not None}
    assert {field.name for field in spec(form).fields if field.demanded(entry.fields)} <= answered


@pytest.mark.parametrize("form", FORMS)
def test_the_example_uses_codes_of_the_lists(form):
    fields = example(form)["fields"]
    for name, listed in spec(form).codelists.items():
        given = fields.get(name)
        codes = given if isinstance(given, list) else [given] if isinstance(given, str) else []
        assert set(codes) <= load(listed).codes, name


@pytest.mark.parametrize("form", FORMS)
def test_the_example_persons_number_is_well_formed(form):
    fields = example(form)["fields"]
    number = PersonalNumber(fields["so_dinh_danh"])
    assert number[4:6] == fields["ngay_sinh"][2:4]


def test_the_composites_of_the_page_are_well_built():
    composites = [block for block in BLOCKS if "form" not in block]
    assert len(composites) == 4
    for composite in composites:
        form, field = next(place for member, place in COMPOSITES.items() if member in composite)
        assert check(form, {field: composite}) == ()
