"""Scores of a statement, a record and a commune."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.worker import Groups, Provenance
from gateway.quality import QualitySettings, Scores, Tally, judge_record, score_commune, score_record
from tests.unit.quality.statements import SETTINGS, TT11_INACTIVE, TT11_PERSON, Said, nd318, tt11

_TODAY = dt.date(2026, 7, 20)


def _record(said: Said) -> Groups:
    return said.subject().groups


def _confirmed(days_ago: int, *groups: Any) -> dict[Any, Provenance]:
    at = (_TODAY - dt.timedelta(days=days_ago)).isoformat() + "T08:00:00.000000Z"
    return {group: Provenance("form", "2025-12-05", None, at) for group in groups}


def test_a_warning_costs_half_a_field_and_a_refusal_all_of_it() -> None:
    warned, refused = tt11(gioi_tinh="1"), tt11(ma_so_bhxh="12")
    answered = sum(value is not None for value in warned.content.values())
    # Two fields are in doubt by half; one is wrong.
    assert warned.verdict().scores["correct"] == (answered * 100 - 2 * 50) // answered
    assert refused.verdict().scores["correct"] == (answered * 100 - 100) // answered


def test_a_note_costs_nothing() -> None:
    said = tt11(ngay_sinh="1994")
    assert said.finding("DU-031") is not None
    assert said.verdict().scores == {"correct": 100, "complete": 100, "clean": 100}


def test_a_finding_costs_only_its_own_family() -> None:
    scores = tt11(ho_ten="Mẫu").verdict().scores
    assert scores["clean"] is not None
    assert scores["clean"] < 100
    assert (scores["correct"], scores["complete"]) == (100, 100)


def test_completeness_of_a_form_counts_what_it_demands_of_this_person() -> None:
    nine = tt11({"tinh_trang_hdkt": "3"}, on="2025-12-05").verdict().scores["complete"]
    full = tt11(TT11_INACTIVE).verdict().scores["complete"]
    assert full == 100
    assert nine is not None
    assert nine < 60


def test_what_a_source_did_not_ask_is_expected_of_the_record_all_the_same() -> None:
    whole = judge_record(_record(tt11()), "2025-12-05", SETTINGS)
    assert whole.scores == {"correct": 100, "complete": 100, "clean": 100}
    insurance_only: Groups = {"insurance": {"social_insurance_number": "1200000456", "participation": "1"}}
    assert judge_record(insurance_only, "2025-12-05", SETTINGS).scores["complete"] == 0


def test_an_empty_record_is_not_applicable_rather_than_nothing() -> None:
    scores = score_record({}, {}, _TODAY, SETTINGS)
    assert scores.score("correct") is None
    assert scores.score("clean") is None
    assert scores.score("live") is None
    assert scores.colour("live", SETTINGS) is None


@pytest.mark.parametrize(("days_ago", "score"), [(0, 100), (90, 100), (135, 50), (180, 0), (4_000, 0)])
def test_a_group_ages_after_its_time(days_ago: int, score: int) -> None:
    scores = score_record({}, _confirmed(days_ago, "insurance"), _TODAY, SETTINGS)
    assert scores.score("live") == score


def test_a_group_without_expectation_does_not_age() -> None:
    without = dataclasses.replace(SETTINGS, fresh_days={"basic": 10})
    provenance = _confirmed(1_000, "insurance")
    assert score_record({}, provenance, _TODAY, without).score("live") is None


@pytest.mark.parametrize(
    ("score", "colour"), [(100, "green"), (90, "green"), (89, "yellow"), (75, "yellow"), (74, "red"), (None, None)]
)
def test_colours_follow_the_thresholds(score: int | None, colour: str | None) -> None:
    assert SETTINGS.colour(score) == colour


def test_of_identity_keys_a_hundred_is_demanded() -> None:
    doubted = score_record(_record(tt11(so_dinh_danh="999194000123")), {}, _TODAY, SETTINGS)
    sound = score_record(_record(tt11()), {}, _TODAY, SETTINGS)
    assert doubted.score("correct") is not None
    assert doubted.colour("correct", SETTINGS) == "red"
    assert sound.colour("correct", SETTINGS) == "green"
    assert score_commune([doubted, sound]).colour("correct", SETTINGS) == "red"


def test_a_number_that_the_population_database_confirmed_is_beyond_doubt() -> None:
    groups = _record(tt11(so_dinh_danh="999194000123"))
    confirmed = {"basic": Provenance("population", "2026-07-01", "2026-07-01T08:00:00.000000Z", "2026-07-01")}
    scores = score_record(groups, confirmed, _TODAY, SETTINGS)  # type: ignore[arg-type]  # a group's name
    assert scores.key_doubts == 0


@pytest.mark.parametrize("fields", [{"so_dinh_danh": "999194000123"}, {"gioi_tinh": "1"}, {"so_dinh_danh": "12"}])
def test_a_forms_verdict_says_that_a_key_is_doubted_though_the_form_has_its_own_names(fields: dict[str, Any]) -> None:
    assert tt11(**fields).verdict().keys_doubted
    assert not tt11(ho_ten="Mẫu").verdict().keys_doubted


def test_a_record_scores_the_same_stored_as_in_full() -> None:
    groups = _record(tt11(TT11_PERSON, ho_ten="Mẫu", gioi_tinh="1"))
    full = score_record(groups, {}, dt.date(2025, 12, 5), SETTINGS)
    stored = judge_record(groups, "2025-12-05", SETTINGS)
    assert stored.scores == {family: full.score(family) for family in ("correct", "complete", "clean")}
    assert stored.keys_doubted
    assert full.key_doubts == 1


def test_the_families_shown_are_a_setting() -> None:
    scores = score_record(_record(nd318()), {}, _TODAY, SETTINGS)
    assert list(scores.shown(SETTINGS)) == ["correct", "complete", "clean", "live"]
    assert list(scores.shown(dataclasses.replace(SETTINGS, families=("clean",)))) == ["clean"]


_TALLIES = st.integers(0, 50).flatmap(
    lambda expected: st.builds(Tally, st.integers(0, expected * 100), st.just(expected))
)
_SCORES = st.builds(
    Scores, st.dictionaries(st.sampled_from(["correct", "complete", "clean", "live"]), _TALLIES), st.just(1)
)


@given(st.lists(_SCORES, max_size=8), st.randoms(use_true_random=False))
def test_a_commune_lies_between_its_people_whatever_their_order(records: list[Scores], random: Any) -> None:
    commune = score_commune(records)
    shuffled = list(records)
    random.shuffle(shuffled)
    assert score_commune(shuffled) == commune
    assert commune.records == len(records)
    for family in ("correct", "complete", "clean", "live"):
        scores = [score for record in records if (score := record.score(family)) is not None]
        together = commune.score(family)
        assert (together is None) is (not scores)
        assert together is None or min(scores) <= together <= max(scores) + 1


@given(st.lists(_SCORES, min_size=1, max_size=6), st.integers(0, 6))
def test_communes_add_up_to_the_province(records: list[Scores], cut: int) -> None:
    parts = [score_commune(records[:cut]), score_commune(records[cut:])]
    assert score_commune(parts) == score_commune(records)


@pytest.mark.parametrize(
    "wrong",
    [
        {"green_min": 101},
        {"yellow_min": 95},
        {"weights": {"refuse": 101, "warn": 1, "note": 0}},
        {"weights": {"warn": 1}},
        {"fresh_days": {"basic": 0}},
        {"age_min": 0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"<=|points|given|start|rise"):
        QualitySettings(**wrong)


def test_own_criteria_change_what_they_name_and_nothing_else() -> None:
    own = QualitySettings.read('green_min = 95\n[[expected]]\nany_of = ["basic.sex", "basic.cmnd"]\n')
    assert own.green_min == 95
    assert own.yellow_min == SETTINGS.yellow_min
    assert [one.any_of for one in own.expected] == [(("basic", "sex"), ("basic", "cmnd"))]
    assert QualitySettings.read("") == SETTINGS


def test_a_misspelt_criterion_is_refused() -> None:
    with pytest.raises(ValueError, match="gren_min"):
        QualitySettings.read("gren_min = 95")
