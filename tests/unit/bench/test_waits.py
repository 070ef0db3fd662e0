"""Open-loop schedules, percentiles, and what is told of an entry's way."""

import itertools
from typing import Any

import pytest

from ops.bench.arrivals import percentile, schedule, waits
from ops.bench.figures import median_ratio
from ops.bench.open_loop import Sent
from ops.bench.pipeline import changed, figures
from ops.bench.raw_kafka import reported_rate


def test_a_schedule_has_rate_times_seconds_instants_in_order_and_is_the_same_at_every_run():
    at_s = schedule(200, 15)
    assert len(at_s) == 3_000
    assert at_s == sorted(at_s) == schedule(200, 15)
    assert min(at_s) >= 0
    assert max(at_s) <= 15
    assert schedule(200, 15, seed=8) != at_s


def test_arrivals_come_in_clusters_and_gaps_and_not_at_even_steps():
    at_s = schedule(100, 60)
    gaps = [later - earlier for earlier, later in itertools.pairwise(at_s)]
    assert max(gaps) > 0.04
    assert sum(gap < 0.001 for gap in gaps) > len(gaps) * 0.05


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_value_that_was_measured(share, expected):
    assert percentile(list(range(100, 0, -1)), share) == expected


@pytest.mark.parametrize("wrong", [([], 0.5), ([1.0], 0.0), ([1.0], 1.1)])
def test_a_percentile_of_nothing_or_beyond_all_is_refused(wrong):
    with pytest.raises(ValueError, match="at least one value"):
        percentile(*wrong)


def test_waits_are_told_in_milliseconds():
    assert waits("theirs_", [0.25, 0.5, 1.0]) == {
        "theirs_p50_ms": 500.0,
        "theirs_p99_ms": 1_000.0,
        "theirs_longest_ms": 1_000.0,
    }


def test_a_ratio_is_taken_within_the_round_before_the_median():
    rounds = [{"a": 10.0, "b": 100.0}, {"a": 50.0, "b": 100.0}, {"a": 30.0, "b": 30.0}]
    assert median_ratio(rounds, rounds, "a", "b") == 0.5


def _sent(worker_id, scheduled_at):
    return Sent(scheduled_at, scheduled_at + 0.01, 201, worker_id, 1)


def test_an_entry_waits_from_its_scheduled_instant_until_the_last_of_three_targets_has_it():
    sent = [_sent("a", 100.0), _sent("b", 101.0)]
    applied = [("a", 100.1), ("a", 100.4), ("a", 100.2), ("b", 101.1), ("b", 101.2), ("b", 101.1)]
    told = figures(sent, applied)
    assert told["p50_ms"] == pytest.approx(200)
    assert told["longest_ms"] == pytest.approx(400)
    assert told["in_all_three"] == 2
    assert told["through_per_s"] == pytest.approx(2 / 1.2)
    assert told["receipt_p50_ms"] == pytest.approx(10)


def test_what_a_target_held_before_the_entry_does_not_count_as_arrived():
    sent = [_sent("a", 100.0), _sent("b", 101.0)]
    applied = [("a", 99.0), ("a", 100.4), ("a", 100.2), ("b", 101.1), ("b", 101.2), ("b", 101.1)]
    assert figures(sent, applied)["in_all_three"] == 1
    with pytest.raises(RuntimeError, match="none reached all three"):
        figures(sent[:1], applied[:3])


def test_the_change_is_another_entry_about_another_workplace():
    entry: dict[str, Any] = {"key": "k-1", "slip_kind": "collect", "fields": {"ho_ten": "A", "noi_lam_viec": "X"}}
    again: dict[str, Any] = changed(entry)
    assert again["key"] != entry["key"]
    assert again["fields"] == {"ho_ten": "A", "noi_lam_viec": "X (mới)"}
    assert entry["fields"]["noi_lam_viec"] == "X"


def test_kafkas_tool_is_believed_only_about_all_records():
    said = "1000 records sent, 900.5 records/sec (…)\n6000 records sent, 4477.612 records/sec (…)\n"
    assert reported_rate(said, 6_000) == 4_477.612
    with pytest.raises(RuntimeError, match="ProducerPerformance said"):
        reported_rate(said, 7_000)
