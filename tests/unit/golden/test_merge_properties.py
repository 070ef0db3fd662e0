from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.golden import merge, rank
from tests.unit.golden.observations import (
    DATES,
    EMPLOYMENT,
    SPEAKERS,
    arriving,
    fold,
    groups,
    instant,
    observations,
    observations_of_distinct_days,
    said,
    shuffled,
    truth,
)

LATER = 9


@given(shuffled(observations()))
def test_statements_give_the_same_record_in_whatever_order_they_are_merged(pair):
    made, mixed = pair
    assert truth(fold(made)) == truth(fold(mixed))


@given(shuffled(observations_of_distinct_days()))
def test_where_dates_decide_even_the_ids_of_arrival_make_no_difference(pair):
    made, mixed = pair
    first, second = fold(made), fold(arriving(mixed))
    assert first.groups == second.groups
    assert truth(first)[1] == truth(second)[1]


@given(observations(), st.data())
def test_merging_a_statement_again_changes_nothing(made, data):
    merged = fold(made)
    again = merge(merged.held, data.draw(st.sampled_from(made)))
    assert again.changed == ()
    assert again.held == merged.held
    assert again.groups == merged.groups


@given(observations())
def test_merging_leaves_what_was_held_as_it_was(made):
    held = fold(made[:-1]).held if made[:-1] else {}
    before = {group: dict(statements) for group, statements in held.items()}
    merge(held, made[-1])
    assert held == before


@given(observations(), st.sampled_from(DATES))
def test_saying_again_what_is_believed_makes_no_change_and_renews_confirmed_at(made, as_of):
    merged = fold(made)
    (group, values), *_ = merged.groups.items()
    assume(values)
    known = merged.provenance[group]
    assume(as_of >= known.as_of)
    speaker = next(
        name
        for name, one in merged.held[group].items()
        if one.source == known.source and "#" not in name and one.as_of == known.as_of
    )
    again = merge(merged.held, said(speaker, as_of, {group: values}, at=LATER, verified=known.verified_at is not None))
    assert again.changed == ()
    assert again.groups == merged.groups
    assert again.provenance[group].confirmed_at == instant(LATER)


@given(observations(), st.sampled_from(SPEAKERS), st.sampled_from(DATES), groups())
def test_a_late_statement_overwrites_no_newer_one_of_equal_or_higher_precedence(made, speaker, as_of, late):
    merged = fold(made)
    one = said(speaker, as_of, late, at=LATER)
    after = merge(merged.held, one)
    for group in late.keys() & merged.groups.keys():
        known = merged.provenance[group]
        if rank(group, known.source) <= rank(group, one.source) and known.as_of > as_of:
            assert (after.provenance[group].source, after.provenance[group].as_of) == (known.source, known.as_of)
            first_said = {
                field
                for name, kept in merged.held[group].items()
                if "#" not in name and (kept.source, kept.as_of) == (known.source, known.as_of)
                for field in kept.values
            }
            assert all(after.groups[group][field] == merged.groups[group][field] for field in first_said)


@given(observations())
def test_nobody_is_unemployed_with_an_employer(made):
    situation = fold(made).groups.get("situation", {})
    if situation.get("activity") in ("2", "3"):
        assert [situation.get(field) for field in EMPLOYMENT] == [None] * len(EMPLOYMENT)
    if situation.get("activity") in ("1", "3"):
        assert situation.get("unemployment_duration") is None


@given(observations(), st.data())
def test_a_group_that_a_statement_does_not_speak_of_stays_as_it_is(made, data):
    merged = fold(made)
    spoken = data.draw(groups())
    after = merge(merged.held, said("form:nd318", "2026-06-30", spoken, at=LATER))
    for group in merged.groups.keys() - spoken.keys():
        assert after.groups[group] == merged.groups[group]
        assert after.provenance[group] == merged.provenance[group]
        assert group not in after.changed


@given(observations())
def test_a_change_is_named_exactly_when_values_source_or_verification_differ(made):
    before = fold(made[:-1])
    after = merge(before.held if before else {}, made[-1])
    for group in after.groups:
        was = before.provenance.get(group) if before else None
        now = after.provenance[group]
        differs = (
            was is None
            or before.groups[group] != after.groups[group]
            or was.source != now.source
            or (was.verified_at is None) != (now.verified_at is None)
        )
        assert (group in after.changed) == differs


@given(observations())
def test_every_field_ever_asked_in_a_group_without_a_status_keeps_an_answer(made):
    merged = fold(made)
    for group in merged.groups.keys() - {"situation"}:
        asked = {field for one in made for field in one.groups.get(group, {})}
        assert merged.groups[group].keys() == asked


@given(st.sampled_from(SPEAKERS), st.lists(st.tuples(st.sampled_from(DATES), groups()), min_size=1, max_size=12))
def test_what_is_held_of_one_speaker_is_bounded_by_its_questions(speaker, spoken):
    merged = fold(arriving(said(speaker, as_of, values) for as_of, values in spoken))
    for group, statements in merged.held.items():
        fields = {field for _, values in spoken for field in values.get(group, {})}
        assert len(statements) <= 1 + len(fields)


@given(shuffled(observations()))
def test_confirmed_at_is_never_older_than_the_statement_that_is_believed(pair):
    _, mixed = pair
    for merged in (fold(mixed[: count + 1]) for count in range(len(mixed))):
        for group, shown in merged.provenance.items():
            believed = [one for one in merged.held[group].values() if one.as_of == shown.as_of]
            assert any(one.confirmed_at == shown.confirmed_at for one in believed)


def test_the_order_of_two_statements_of_one_day_is_their_arrival_unless_one_replaces():
    first = said("form:nd318", "2026-03-15", {"needs": {"job_seeking": True}}, at=1)
    second = said("form:nd318", "2026-03-15", {"needs": {"job_seeking": False}}, at=2)
    assert fold([first, second]).groups["needs"] == {"job_seeking": False}
    assert fold([replace(first, replaces=True), second]).groups["needs"] == {"job_seeking": True}
