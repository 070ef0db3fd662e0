import pytest
from pydantic import ValidationError

from contracts.entry import Entry

WHOLE = {"form": "tt11_mau03", "declared_on": "2026-07-05", "fields": {}}


def test_the_least_entry_is_a_form_a_day_and_its_fields():
    entry = Entry.model_validate(WHOLE)
    assert (entry.slip_kind, entry.update_source, entry.key) == ("collect", "procedure", None)


@pytest.mark.parametrize(
    "more",
    [
        {"declared_on": "2026-02-31"},
        {"declared_on": "05/07/2026"},
        {"declared_on": "2026"},
        {"declared_on": "٢٠٢٦-٠٧-٠٥"},
        {"collected_on": "2026-13-01"},
        {"commune": "3388"},
        {"commune": "٠٣٣٨٨"},
        {"replaces": "the other one"},
        {"replaces": "0190A6C0-0000-7000-8000-000000000000"},
        {"replaces": ""},
        {"key": ""},
        {"key": "k" * 129},
        {"form": "tt11"},
        {"village": 4},
        {"fields": []},
        {"tuoi": 4},
    ],
)
def test_what_no_entry_may_say_is_refused(more):
    with pytest.raises(ValidationError):
        Entry.model_validate({**WHOLE, **more})


@pytest.mark.parametrize(
    "more",
    [
        {"declared_on": "2024-02-29"},
        {"collected_on": None},
        {"replaces": "0190a6c0-0000-7000-8000-000000000000"},
        {"key": "k" * 128},
    ],
)
def test_what_an_entry_may_say_is_taken(more):
    Entry.model_validate({**WHOLE, **more})
