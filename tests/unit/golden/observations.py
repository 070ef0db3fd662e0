"""Observations as hypothesis makes them: few dates and few values, so that statements meet and contradict."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import strategies as st

from contracts.worker import GROUPS
from gateway.golden import Observation, merge

SPEAKERS = ("form:tt11_mau03", "form:nd318", "population", "social_insurance", "labour_market")
DATES = tuple(f"2026-0{month}-15" for month in range(1, 7))
FIELDS = {
    "basic": ("full_name", "birth_date", "ethnic_group"),
    "residence": ("permanent", "current"),
    "education": ("general_grade", "training_field"),
    "insurance": ("participation", "movement"),
    "special": ("priority_groups",),
    "needs": ("job_seeking",),
}
EMPLOYMENT = ("job_title", "workplace_name", "employer_code")


def arrival(at: int) -> str:
    """An entry id whose text order is the order of arrival."""
    return f"{at:08d}-0000-7000-8000-000000000000"


def instant(at: int) -> str:
    return f"2026-07-05T00:{at // 60:02d}:{at % 60:02d}.000000Z"


def said(speaker, as_of, groups, *, at=0, **more) -> Observation:
    return Observation(speaker, speaker.split(":")[0], as_of, arrival(at), instant(at), groups, **more)


def fold(observations, held=None):
    """The last merge, after all of them."""
    merged = None
    held = held or {}
    for one in observations:
        merged = merge(held, one)
        held = merged.held
    return merged


def truth(merged):
    """What must not depend on the order of arrival."""
    held = {
        group: {
            speaker: replace(one, confirmed_at="", verified_at=one.verified_at and "verified")
            for speaker, one in statements.items()
        }
        for group, statements in merged.held.items()
    }
    shown = {
        group: (said.source, said.as_of, said.verified_at is not None) for group, said in merged.provenance.items()
    }
    return merged.groups, shown, held


def plain_values(group):
    value = st.none() | st.sampled_from(("a", "b", "c"))
    return st.dictionaries(st.sampled_from(FIELDS[group]), value, max_size=len(FIELDS[group]))


@st.composite
def situations(draw):
    """A statement that does not contradict itself: only who works has an employer."""
    activity = draw(st.sampled_from(("1", "2", "3")))
    values = {"activity": activity} if draw(st.integers(0, 4)) else {}
    for field in draw(st.sets(st.sampled_from(EMPLOYMENT))):
        values[field] = draw(st.sampled_from(("x", "y"))) if activity == "1" else None
    if activity == "2" and draw(st.booleans()):
        values["unemployment_duration"] = draw(st.sampled_from(("1", "2")))
    return values


@st.composite
def groups(draw):
    chosen = draw(st.sets(st.sampled_from(GROUPS), min_size=1, max_size=3))
    return {group: draw(situations() if group == "situation" else plain_values(group)) for group in sorted(chosen)}


@st.composite
def observations(draw, size_max=6):
    """Observations with their own ids, in order of arrival. Only the population database verifies."""
    made = []
    for at in range(draw(st.integers(1, size_max))):
        speaker = draw(st.sampled_from(SPEAKERS))
        made.append(
            said(
                speaker,
                draw(st.sampled_from(DATES)),
                draw(groups()),
                at=at,
                verified=speaker == "population" and draw(st.booleans()),
                replaces=speaker.startswith("form") and draw(st.booleans()),
            )
        )
    return made


@st.composite
def observations_of_distinct_days(draw):
    made = draw(observations(size_max=len(DATES)))
    days = draw(st.permutations(DATES))
    return [replace(one, as_of=day) for one, day in zip(made, days, strict=False)]


@st.composite
def shuffled(draw, source):
    made = draw(source)
    return made, draw(st.permutations(made))


def arriving(observations):
    """The same observations with ids and instants of this order of arrival."""
    return [
        replace(one, order=arrival(at), observed_at=instant(at)) for one, at in zip(observations, itertools.count())
    ]
