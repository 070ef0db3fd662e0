"""The steps of a target's row that the loops' tests do not reach."""

from __future__ import annotations

from dataclasses import replace

from gateway.store import target_states as steps
from gateway.store.target_states import Applied, Wanted

NOW, LATER = "2026-07-05T01:00:00.000000Z", "2026-07-05T01:01:00.000000Z"
DUE = steps.first("population", Wanted("w", 3, b"new", "due"), NOW)
SETTLED = replace(DUE, state="settled", applied_version=3, applied_hash=b"new")
SENDING = replace(DUE, state="sending", lease_epoch=4, lease_until=LATER)


def test_wanted_rises_only_above_both_versions() -> None:
    assert steps.raised(DUE, Wanted("w", 3, b"other", "due"), NOW) is None
    reported = replace(DUE, applied_version=5)
    assert steps.raised(reported, Wanted("w", 5, b"other", "due"), NOW) is None
    assert steps.raised(reported, Wanted("w", 6, b"other", "due"), NOW) is not None


def test_an_equal_hash_settles_from_due_but_not_from_sending_or_unknown() -> None:
    back = Wanted("w", 4, b"old", "due")
    for state, after in (("due", "settled"), ("sending", "sending"), ("unknown", "unknown")):
        row = replace(DUE, state=state, applied_hash=b"old")  # type: ignore[arg-type]  # the three are states
        changed = steps.raised(row, back, NOW)
        assert changed is not None
        assert changed.state == after


def test_a_due_row_keeps_its_backoff_when_another_view_is_wanted() -> None:
    failed = replace(DUE, attempts=3, next_attempt_at=LATER)
    changed = steps.raised(failed, Wanted("w", 4, b"newer", "due"), NOW)
    assert changed is not None
    assert (changed.attempts, changed.next_attempt_at) == (3, LATER)


def test_a_view_older_than_what_is_wanted_is_not_taken() -> None:
    assert steps.claimed(DUE, Wanted("w", 2, b"older", "due"), NOW, LATER) is None


def test_a_delivery_with_another_view_wanted_meanwhile_is_due_again() -> None:
    moved = replace(SENDING, wanted_version=4, wanted_hash=b"newer")
    after = steps.delivered(moved, 4, Applied(3, b"new", "key", b"box"), NOW)
    assert after is not None
    assert (after.state, after.applied_hash, after.attempts) == ("due", b"new", 0)


def test_a_refusal_of_a_view_no_longer_wanted_parks_nothing() -> None:
    moved = replace(SENDING, wanted_version=4, wanted_hash=b"newer")
    after = steps.refused(moved, 4, b"new", "no", None, NOW)
    assert after is not None
    assert after.state == "due"


def test_after_no_answer_nothing_is_known_to_be_applied() -> None:
    after = steps.postponed(replace(SENDING, applied_hash=b"old"), 4, "timeout", NOW, LATER, 1)
    assert after is not None
    assert (after.state, after.applied_hash, after.attempts) == ("due", None, 1)


def test_an_outcome_under_a_lost_epoch_leaves_unknown_and_takes_the_epoch_from_whoever_has_it() -> None:
    after = steps.delivered(SENDING, 3, Applied(2, b"older", None, None), NOW)
    assert after is not None
    assert (after.state, after.lease_epoch) == ("unknown", 5)
    parked = replace(SETTLED, state="parked")
    assert steps.lost(parked, NOW) == replace(parked, applied_hash=None)
    assert steps.lost(replace(parked, state="not_concerned"), NOW) is None


def test_a_lease_expires_at_its_time_and_not_before() -> None:
    assert steps.expired(SENDING, NOW) is None
    after = steps.expired(SENDING, LATER)
    assert after is not None
    assert (after.state, after.lease_epoch, after.next_attempt_at) == ("unknown", 5, LATER)


def test_a_parked_row_settles_when_the_record_returns_to_what_is_applied() -> None:
    parked = replace(DUE, state="parked", cause="no", applied_hash=b"old")
    after = steps.raised(parked, Wanted("w", 4, b"old", "due"), NOW)
    assert after is not None
    assert (after.state, after.cause) == ("settled", "superseded")


def test_only_letters_are_retried() -> None:
    assert steps.retried(SETTLED, NOW) is None
    after = steps.retried(replace(SETTLED, state="parked", attempts=7), LATER)
    assert after is not None
    assert (after.state, after.attempts, after.next_attempt_at) == ("due", 0, LATER)


def test_a_read_back_under_a_lost_epoch_changes_nothing() -> None:
    unknown = replace(SENDING, state="unknown")
    assert steps.read_back(unknown, 3, Applied(0, b"new", None, None), NOW) is None
    assert steps.unread(unknown, 3, "timeout", LATER) is None
    absent = steps.read_back(unknown, 4, Applied(0, None, None, None), NOW)
    assert absent is not None
    assert (absent.state, absent.applied_hash) == ("due", None)


def test_since_is_the_time_in_the_state_not_of_the_last_change() -> None:
    again = steps.raised(DUE, Wanted("w", 4, b"newer", "due"), LATER)
    assert again is not None
    assert again.since == NOW
    taken = steps.claimed(DUE, Wanted("w", 3, b"new", "due"), LATER, LATER)
    assert taken is not None
    assert taken.since == LATER
