"""What the measurements send: synthetic, valid, and each person a different one."""

import pytest

from contracts.entry import Entry
from contracts.forms import check, to_groups
from contracts.identifiers import PersonalNumber
from gateway.clock import civil_date, system_clock
from gateway.quality import QualitySettings, Subject, judge
from ops.bench.form_model import EntryForm
from ops.bench.people import entry, person_of, personal_number
from ops.bench.report import cut

ROWS = range(0, 200_000, 997)


@pytest.mark.parametrize("row", ROWS[::20])
def test_an_entry_passes_the_form_and_every_rule_but_the_note_on_the_old_form(row):
    sent = Entry.model_validate(entry(row))
    assert not check(sent.form, sent.fields)
    groups = to_groups(sent.form, sent.fields, sent.declared_on)
    subject = Subject(
        sent.form, sent.fields, groups, sent.declared_on, civil_date(system_clock()), QualitySettings(), None
    )
    assert [one.rule for one in judge(subject).findings] == ["SONG-005"]


def test_the_rivals_take_the_same_entries():
    for row in ROWS:
        EntryForm.model_validate(entry(row))


def test_people_have_numbers_of_their_own_and_every_fifth_entry_is_about_someone_known():
    people = {person_of(row)[0] for row in range(20_000)}
    numbers = {PersonalNumber.parse(personal_number(person)) for person in people}
    assert len(numbers) == len(people)
    assert sum(person_of(row)[1] for row in range(1_000, 20_000)) == 19_000 // 5
    assert all(person_of(person_of(row)[0]) == (person_of(row)[0], False) for row in range(20_000))


@pytest.mark.parametrize(("value", "shown"), [(0.1039, "0.103"), (4.118, "4.11"), (435.9, "435"), (1.2099, "1.2")])
def test_figures_are_cut_off_and_never_rounded_up(value, shown):
    assert cut(value) == shown
