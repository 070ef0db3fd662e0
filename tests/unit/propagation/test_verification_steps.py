"""The steps of a verification that its loops' tests do not reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.adapter_port import IdentityAnswer, IdentityClaim
from gateway.store.verifications import Verification
from gateway.verification import steps
from gateway.verification.claims import Identity
from gateway.verification.settings import VerificationSettings

NOW, LATER = "2026-07-05T01:00:00.000000Z", "2026-07-05T01:01:00.000000Z"
CLAIM = IdentityClaim("Lò Văn Thử", "1990", "1", "012090000001", None)
IDENTITY = Identity("w", CLAIM, b"claim", verified=False, commune="03388")
WAITING = Verification("w", b"claim", "waiting", None, (), None, 0, NOW, NOW, "03388")


def test_the_claim_that_an_answer_makes_is_not_asked_again() -> None:
    answered = steps.answered(WAITING, b"claim", IdentityAnswer("verified"), b"produced", LATER)
    assert answered is not None
    assert steps.heard(answered, replace(IDENTITY, hash=b"produced"), LATER) is None
    assert steps.heard(answered, IDENTITY, LATER) is None
    anew = steps.heard(answered, replace(IDENTITY, hash=b"other"), LATER)
    assert anew is not None
    assert (anew.outcome, anew.next_at) == ("waiting", LATER)


def test_an_answer_to_a_claim_that_no_longer_stands_changes_nothing() -> None:
    assert steps.answered(WAITING, b"older", IdentityAnswer("not_found"), None, LATER) is None
    assert steps.unanswered(WAITING, b"older", "timeout", LATER) is None


def test_waiting_is_counted_from_when_the_claim_was_heard_of() -> None:
    once = steps.unanswered(WAITING, b"claim", "timeout", LATER)
    assert once is not None
    assert (once.since, once.attempts, once.outcome) == (NOW, 1, "no_answer")


def test_a_person_who_moves_is_listed_for_the_new_commune() -> None:
    moved = steps.heard(WAITING, replace(IDENTITY, commune="03400"), LATER)
    assert moved == replace(WAITING, commune="03400")


def test_who_was_erased_or_confirmed_meanwhile_is_not_asked_for() -> None:
    erased = steps.taken(WAITING, None, NOW, LATER)
    confirmed = steps.taken(WAITING, replace(IDENTITY, verified=True), NOW, LATER)
    assert erased is not None
    assert confirmed is not None
    assert (erased.next_at, confirmed.next_at, confirmed.outcome) == (None, None, "verified")


def test_a_lease_that_the_calls_of_a_step_can_outlast_is_refused() -> None:
    with pytest.raises(ValueError, match="lease_s"):
        VerificationSettings(concurrency_max=1, people_per_step_max=128, call_timeout_s=30, lease_s=300)
