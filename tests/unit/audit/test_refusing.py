"""However often the same is refused, the trail grows by two rows a minute."""

from __future__ import annotations

from gateway.audit.refusing import KINDS_MAX, OTHERS, WINDOW_S, Refusal, Refusals, Refused

WRONG_TOKEN = Refusal("anonymous", "192.0.2.7", "GET /v1/workers/{worker_id}", "token-invalid")
FORBIDDEN = Refusal("officer", None, "people:erase", "permission-missing")


def test_ten_thousand_refusals_of_a_minute_are_two_rows() -> None:
    refusals = Refusals()
    rows = [row for at in range(10_000) for row in refusals.note(WRONG_TOKEN, at * WINDOW_S / 10_001)]
    assert rows == [Refused(WRONG_TOKEN, 1)]
    assert refusals.rest(WINDOW_S - 0.01) == []
    assert refusals.rest(WINDOW_S) == [Refused(WRONG_TOKEN, 9_999)]
    assert refusals.rest(10 * WINDOW_S, at_the_end=True) == []


def test_another_caller_another_act_and_the_next_minute_have_rows_of_their_own() -> None:
    refusals = Refusals()
    assert refusals.note(WRONG_TOKEN, 0.0) == [Refused(WRONG_TOKEN, 1)]
    assert refusals.note(FORBIDDEN, 1.0) == [Refused(FORBIDDEN, 1)]
    assert refusals.note(FORBIDDEN, 2.0) == []
    assert refusals.note(FORBIDDEN, WINDOW_S) == [Refused(FORBIDDEN, 1), Refused(FORBIDDEN, 1)]


def test_an_attacker_from_many_addresses_is_counted_together_beyond_a_limit() -> None:
    refusals = Refusals()
    many = [Refusal("anonymous", f"2001:db8::{at:x}", "x", "token-invalid") for at in range(5 * KINDS_MAX)]
    rows = [row for one in many for row in refusals.note(one, 0.0)]
    assert len(rows) == KINDS_MAX + 1
    rest = refusals.rest(0.0, at_the_end=True)
    assert rest == [Refused(Refusal(OTHERS, None, OTHERS, OTHERS), 4 * KINDS_MAX - 1)]


def test_what_could_not_be_written_is_tried_again_at_every_refusal_until_it_is() -> None:
    refusals = Refusals()
    for again in range(5):
        rows = refusals.note(WRONG_TOKEN, float(again))
        assert rows == [Refused(WRONG_TOKEN, 1)]
        refusals.put_back(rows)
    assert refusals.note(WRONG_TOKEN, 6.0) == [Refused(WRONG_TOKEN, 1)]
    assert refusals.rest(7.0, at_the_end=True) == [Refused(WRONG_TOKEN, 5)]
