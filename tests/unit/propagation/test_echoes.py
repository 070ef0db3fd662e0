"""Which reports are our own calls coming back."""

from __future__ import annotations

from dataclasses import replace

from gateway.capture.echoes import Heard, judge
from gateway.store import target_states
from gateway.store.target_states import Wanted
from gateway.store.target_writes import Write

ROW = replace(
    target_states.first("population", Wanted("w", 1, b"ours", "due"), "2026-07-05T01:00:00.000000Z"),
    state="settled",
    applied_hash=b"ours",
)
HOLDS_A, HOLDS_B = replace(ROW, applied_hash=b"A"), replace(ROW, applied_hash=b"B")
WRITES = [Write(1, b"A"), Write(2, b"B"), Write(3, b"A")]
OURS, THEIRS = b"ours".hex(), b"theirs".hex()


def after(writes, judged):
    """The writes that a later page is judged against."""
    return [
        replace(write, passed_over=write.passed_over or write.id in judged.passed_over)
        for write in writes
        if write.id not in judged.echoed
    ]


def test_an_echo_consumes_its_write_and_passes_over_the_earlier_ones() -> None:
    judged = judge([Heard("c", b"B")], WRITES, ROW, ())
    assert (judged.echoes, judged.echoed, judged.passed_over, judged.news) == (frozenset({"c"}), (2,), (1,), ())


def test_the_echo_of_a_write_that_was_passed_over_is_no_news_on_a_later_page() -> None:
    judged = judge([Heard("c", b"B")], WRITES[:2], HOLDS_B, ())
    assert not judged.late
    later = judge([Heard("d", b"A")], after(WRITES[:2], judged), ROW, ())
    assert (later.echoes, later.late, later.news) == (frozenset({"d"}), True, ())


def test_whoever_goes_back_to_a_view_that_was_echoed_is_somebody_else() -> None:
    judged = judge([Heard("c", b"A"), Heard("d", b"B")], WRITES[:2], ROW, ())
    assert (judged.echoed, judged.passed_over) == ((1, 2), ())
    assert judge([Heard("e", b"A")], after(WRITES[:2], judged), ROW, ()).news == ("e",)


def test_however_often_a_view_was_sent_it_is_heard_late_once() -> None:
    writes = [Write(1, b"A"), Write(2, b"A"), Write(3, b"B")]
    left = after(writes, judge([Heard("c", b"B")], writes, ROW, ()))
    assert [write.passed_over for write in left] == [True, True]
    late = judge([Heard("d", b"A")], left, ROW, ())
    assert (late.late, late.news) == (True, ())
    assert judge([Heard("e", b"A")], after(left, late), ROW, ()).news == ("e",)


def test_a_late_echo_before_that_of_the_latest_write_leaves_no_doubt() -> None:
    writes = [Write(1, b"A", passed_over=True), Write(2, b"B")]
    judged = judge([Heard("c", b"A"), Heard("d", b"B")], writes, HOLDS_B, ())
    assert (judged.late, judged.echoed) == (False, (1, 2))


def test_an_echo_that_belies_what_we_know_is_late_unless_a_call_is_under_way() -> None:
    assert judge([Heard("c", b"B")], WRITES[:2], HOLDS_A, ()).late
    assert not judge([Heard("c", b"B")], WRITES[:2], replace(HOLDS_A, state="sending"), ()).late
    assert not judge([Heard("c", b"B")], WRITES[:2], replace(HOLDS_A, applied_hash=None), ()).late
    assert not judge([Heard("c", b"B"), Heard("d", b"theirs")], WRITES[:2], HOLDS_A, ()).late


def test_an_echo_that_is_not_of_the_latest_write_is_late() -> None:
    assert judge([Heard("c", b"B")], WRITES, ROW, ()).late
    assert not judge([Heard("c", b"B"), Heard("d", b"A")], WRITES, HOLDS_A, ()).late


def test_a_report_is_matched_with_the_earliest_write_it_can_be_of() -> None:
    assert judge([Heard("c", b"A")], WRITES, ROW, ()).echoed == (1,)


def test_an_older_view_behind_a_newer_one_in_a_page_is_a_late_echo_not_news() -> None:
    judged = judge([Heard("c", b"B"), Heard("d", b"A")], WRITES[:2], ROW, ())
    assert (judged.echoes, judged.late, judged.news) == (frozenset({"c", "d"}), True, ())


def test_what_we_never_sent_is_news() -> None:
    judged = judge([Heard("c", b"theirs")], WRITES, ROW, ())
    assert (judged.news, judged.echoed, judged.late) == (("c",), (), False)
    assert judge([Heard("c", b"theirs")], (), None, ()).news == ("c",)


def test_the_third_time_that_the_same_view_is_undone_in_the_same_way_is_a_quarrel() -> None:
    twice = [(OURS, THEIRS)] * 2
    judged = judge([Heard("c", b"theirs")], (), ROW, twice)
    assert judged.quarrel == Heard("c", b"theirs")
    assert judged.news == ()
    assert judge([Heard("c", b"theirs")], (), ROW, twice[:1]).quarrel is None
    assert judge([Heard("c", b"other")], (), ROW, twice).quarrel is None


def test_the_same_word_twice_without_a_call_between_counts_once() -> None:
    judged = judge([Heard("c", b"theirs"), Heard("d", b"theirs")], (), ROW, [(OURS, THEIRS)])
    assert judged.quarrel is None
    assert judged.pairs == ((OURS, THEIRS),) * 2
    told = replace(ROW, applied_hash=b"theirs")
    assert judge([Heard("e", b"theirs")], (), told, judged.pairs).quarrel is None


def test_a_report_of_what_is_wanted_is_no_undoing() -> None:
    row = replace(ROW, applied_hash=None)
    assert judge([Heard("c", b"ours")], (), row, ()).pairs == ()
