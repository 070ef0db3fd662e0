import operator
import re

import pytest

from contracts.problems import PROBLEMS, problem

DEMANDED = [
    "body-not-json",
    "body-encoding",
    "duplicate-member",
    "body-too-deep",
    "body-too-large",
    "number-out-of-range",
    "unpaired-surrogate",
    "shape-invalid",
    "unknown-field",
    "wrong-type",
    "too-long",
    "too-many-entries",
    "key-reused-with-other-body",
    "key-twice-in-request",
    "future-date",
    "out-of-scope-armed-forces",
    "entry-not-found",
    "worker-not-found",
    "dead-letter-not-found",
    "quarantine-not-found",
    "quarantine-already-decided",
    "cursor-invalid",
    "token-missing",
    "token-invalid",
    "not-permitted",
    "busy",
    "unavailable",
    "method-not-allowed",
    "not-found",
    "unsupported-media-type",
    "reason-missing",
    "lookup-without-criteria",
    "identifier-invalid",
    "identity-ambiguous",
    "internal",
]


def test_every_code_that_the_doors_answer_with_is_catalogued():
    assert set(DEMANDED) <= PROBLEMS.keys()


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_says_what_is_wrong_and_what_to_do_in_both_languages(code):
    found = problem(code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert found.side in {"caller", "gateway", "other_system"}
    for language in ("vi", "en"):
        assert found.title(language).strip()
        assert found.remedy(language).endswith(".")
    assert found.title("vi") != found.title("en")


def test_the_catalogue_cannot_be_changed_and_an_unknown_code_is_a_bug():
    with pytest.raises(TypeError):
        operator.setitem(PROBLEMS, "new", problem("internal"))  # type: ignore[call-overload]  # the mapping is read-only, which is the point
    with pytest.raises(KeyError):
        problem("no-such-code")
