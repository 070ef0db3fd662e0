from gateway.golden import merge, resolve
from tests.unit.golden.observations import fold, instant, said

TT11, ND318 = "form:tt11_mau03", "form:nd318"
WORKS = {"activity": "1", "job_title": "Kế toán", "workplace_name": "Công ty chè", "has_contract": True}
SEEKS = {"activity": "2", "job_title": None, "workplace_name": None, "has_contract": None}


def situation(*observations):
    return fold(observations).groups["situation"]


def test_the_first_statement_makes_every_group_it_speaks_of():
    merged = fold([said(TT11, "2026-03-01", {"situation": WORKS, "needs": {"job_seeking": None}})])
    assert merged.changed == ("situation", "needs")
    assert merged.groups == {"situation": WORKS, "needs": {"job_seeking": None}}
    assert merged.late == ()


def test_a_source_of_higher_precedence_is_believed_against_a_newer_form():
    known = said("population", "2020-01-01", {"basic": {"full_name": "LÒ THỊ MAI"}})
    form = said(TT11, "2026-03-01", {"basic": {"full_name": "Lò Mai"}}, at=1)
    merged = fold([known, form])
    assert merged.groups["basic"] == {"full_name": "LÒ THỊ MAI"}
    assert merged.changed == ()
    assert merged.late == ()


def test_the_losing_value_stays_held():
    known = said("population", "2020-01-01", {"basic": {"full_name": "LÒ THỊ MAI"}})
    form = said(TT11, "2026-03-01", {"basic": {"full_name": "Lò Mai"}}, at=1)
    assert fold([known, form]).held["basic"][TT11].values == {"full_name": "Lò Mai"}


def test_a_newer_statement_of_another_form_wins_and_the_older_one_stays_held():
    merged = fold(
        [said(TT11, "2026-03-01", {"situation": WORKS}), said(ND318, "2026-04-01", {"situation": SEEKS}, at=1)]
    )
    assert merged.groups["situation"] == SEEKS
    assert merged.held["situation"][TT11].values == WORKS


def test_a_situation_is_replaced_whole():
    newly = {"activity": "2", "unemployment_duration": "1"}
    assert (
        situation(said(TT11, "2026-03-01", {"situation": WORKS}), said(ND318, "2026-04-01", {"situation": newly}, at=1))
        == newly
    )


def test_what_was_not_asked_keeps_its_value_while_the_activity_stays():
    newly = {"activity": "1", "job_title": "Kế toán trưởng", "industry": "103"}
    assert situation(
        said(TT11, "2026-03-01", {"situation": WORKS}), said(ND318, "2026-04-01", {"situation": newly}, at=1)
    ) == {**WORKS, **newly}


def test_what_was_asked_and_left_empty_is_emptied():
    newly = {**WORKS, "workplace_name": None}
    assert (
        situation(said(TT11, "2026-03-01", {"situation": WORKS}), said(ND318, "2026-04-01", {"situation": newly}, at=1))
        == newly
    )


def test_the_employer_before_an_unemployment_does_not_come_back_with_the_next_work():
    again = {"activity": "1", "job_title": "Thợ xây"}
    assert (
        situation(
            said(TT11, "2026-03-01", {"situation": WORKS}),
            said("labour_market", "2026-04-01", {"situation": SEEKS}, at=1),
            said(ND318, "2026-05-01", {"situation": again}, at=2),
        )
        == again
    )


def test_a_statement_that_names_an_employer_but_no_activity_keeps_that_the_person_works():
    newly = {"workplace_name": "Hợp tác xã Mường So"}
    assert situation(
        said(TT11, "2026-03-01", {"situation": WORKS}), said("labour_market", "2026-04-01", {"situation": newly}, at=1)
    ) == {**WORKS, **newly}


def test_a_statement_that_names_an_employer_but_no_activity_is_not_mixed_with_an_unemployment():
    newly = {"workplace_name": "Hợp tác xã Mường So"}
    assert (
        situation(
            said(TT11, "2026-03-01", {"situation": SEEKS}),
            said("labour_market", "2026-04-01", {"situation": newly}, at=1),
        )
        == newly
    )


def test_a_later_statement_with_fewer_questions_of_the_same_source_loses_nothing():
    told = {"full_name": "LÒ THỊ MAI", "cmnd": "045123456", "ethnic_group": "03"}
    merged = fold(
        [
            said("population", "2026-03-01", {"basic": told}, verified=True),
            said("population", "2026-04-01", {"basic": {"full_name": "LÒ THỊ MAI"}}, at=1, verified=True),
        ]
    )
    assert merged.groups["basic"] == told
    assert merged.changed == ()
    assert merged.provenance["basic"].as_of == "2026-04-01"


def test_a_late_statement_is_named_late_and_kept_for_what_nobody_asked_since():
    newer = said(ND318, "2026-04-01", {"education": {"training_field": "Kế toán"}})
    late = said(TT11, "2026-03-01", {"education": {"training_field": "Sư phạm", "general_education": "4"}}, at=1)
    merged = fold([newer, late])
    assert merged.late == ("education",)
    assert merged.groups["education"] == {"training_field": "Kế toán", "general_education": "4"}


def test_losing_to_precedence_is_not_being_late():
    merged = fold(
        [
            said("social_insurance", "2026-04-01", {"insurance": {"participation": "1"}}),
            said(TT11, "2026-05-01", {"insurance": {"participation": "0"}}, at=1),
        ]
    )
    assert merged.late == ()


def test_verifying_for_the_first_time_is_a_change_and_again_is_none():
    basic = {"basic": {"full_name": "LÒ THỊ MAI"}}
    form = said(TT11, "2026-03-01", basic)
    verified = merge(fold([form]).held, said("population", "2026-03-02", basic, at=1, verified=True))
    assert verified.changed == ("basic",)
    again = merge(verified.held, said("population", "2026-03-03", basic, at=2, verified=True))
    assert again.changed == ()
    assert again.provenance["basic"].verified_at == instant(1)
    assert again.provenance["basic"].confirmed_at == instant(2)


def test_another_speaker_who_says_the_same_renews_confirmed_at():
    merged = fold(
        [
            said("population", "2026-03-01", {"basic": {"full_name": "LÒ THỊ MAI", "sex": "2"}}, verified=True),
            said(TT11, "2026-04-01", {"basic": {"full_name": "LÒ THỊ MAI", "ethnic_group": "03"}}, at=5),
        ]
    )
    assert merged.provenance["basic"].confirmed_at == instant(5)
    assert merged.provenance["basic"].source == "population"


def test_a_statement_of_an_earlier_day_confirms_nothing():
    merged = fold(
        [
            said("population", "2026-03-01", {"basic": {"full_name": "LÒ THỊ MAI"}}, verified=True),
            said(TT11, "2026-02-01", {"basic": {"full_name": "LÒ THỊ MAI"}}, at=5),
        ]
    )
    assert merged.provenance["basic"].confirmed_at == instant(0)


def test_who_contradicts_confirms_nothing():
    merged = fold(
        [
            said("population", "2026-03-01", {"basic": {"full_name": "LÒ THỊ MAI"}}, verified=True),
            said(TT11, "2026-04-01", {"basic": {"full_name": "LÒ THỊ MÂY"}}, at=5),
        ]
    )
    assert merged.provenance["basic"].confirmed_at == instant(0)


def test_resolving_what_is_held_gives_what_the_merge_gave():
    merged = fold(
        [
            said(TT11, "2026-03-01", {"situation": WORKS}),
            said(ND318, "2026-04-01", {"needs": {"job_seeking": True}}, at=1),
        ]
    )
    assert resolve(merged.held) == (merged.groups, merged.provenance)


def test_the_same_source_verifying_what_it_said_is_a_change():
    basic = {"basic": {"full_name": "LÒ THỊ MAI"}}
    told = said("population", "2026-03-01", basic)
    assert merge(fold([told]).held, said("population", "2026-03-02", basic, at=1, verified=True)).changed == ("basic",)
