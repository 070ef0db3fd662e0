import jsonschema
import pytest

from contracts.forms import FORMS, check, example, schema, to_groups
from contracts.publish import FOLDER, documents, render, schemas, write


def test_the_published_schemas_are_those_of_the_code():
    published = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.is_file()}
    assert {name: published.get(name) for name in documents()} == {
        name: render(document) for name, document in documents().items()
    }, "run: python -m contracts.publish"


@pytest.mark.parametrize("name", schemas())
def test_a_published_schema_is_a_schema(name):
    jsonschema.Draft202012Validator.check_schema(schemas()[name])


def test_writing_gives_every_document(tmp_path):
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == documents().keys()


@pytest.mark.parametrize("form", FORMS)
def test_an_example_is_valid_for_its_own_schema_only(form):
    for other in FORMS:
        valid = jsonschema.Draft202012Validator(schema(other)).is_valid(example(form))
        assert valid is (form == other)


BROKEN = [
    {"tuoi": "31"},
    {"ho_ten": 7},
    {"thuong_tru": {"xa": "03388"}},
    {"thuong_tru": {"ma_xa": 3388}},
    {"ho_ten": "a" * 501},
    {"dac_thu": ["1"] * 21, "doi_tuong_uu_tien": ["1"] * 21},
]
WHOLE = [{}, {"ho_ten": None}, {"thuong_tru": {"chi_tiet": "Bản Mẫu"}}, {"gioi_tinh": "Nam"}]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fields", BROKEN + WHOLE)
def test_the_schema_and_the_door_agree(form, fields):
    valid = jsonschema.Draft202012Validator(schema(form)).is_valid({**example(form), "fields": fields})
    assert valid is (check(form, fields) == ())


@pytest.mark.parametrize("form", FORMS)
def test_every_member_carries_both_labels(form):
    members = schema(form)["properties"]
    for member in [*members.values(), *members["fields"]["properties"].values()]:
        assert member["title"]
        assert member["description"]


@pytest.mark.parametrize("form", FORMS)
def test_the_groups_of_an_example_are_valid_for_the_published_record(form):
    record = {
        "worker_id": "8d7c0d4e-7a37-4f6b-9a57-0d6f3a1f2b3c",
        "version": 1,
        "groups": to_groups(form, example(form)["fields"], "2026-07-05"),
        "provenance": {},
    }
    jsonschema.Draft202012Validator(documents()["worker-record.schema.json"]).validate(record)
