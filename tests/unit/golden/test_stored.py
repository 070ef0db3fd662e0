from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from contracts.worker import split_group
from gateway.golden import GroupStatement, HeldStatements
from gateway.golden.stored import dump, load
from tests.unit.golden.observations import fold, said

IDENTIFYING = {
    "basic": ("full_name", "birth_date", "personal_number", "cmnd"),
    "insurance": ("social_insurance_number",),
}
OPEN = {
    "basic": ("sex", "ethnic_group"),
    "education": ("training_field",),
    "situation": ("activity", "job_title"),
    "insurance": ("participation",),
    "needs": ("job_seeking",),
}
SECRET = st.none() | st.text(min_size=1, max_size=12).map(lambda text: f"«{text}»")
CLEAR = st.none() | st.booleans() | st.text(max_size=12).map(lambda text: text.translate({0xAB: None, 0xBB: None}))


@st.composite
def addresses(draw):
    address = {"province": "12", "commune": draw(st.sampled_from(("03388", "03408")))}
    if draw(st.booleans()):
        address["detail"] = draw(SECRET)
    return draw(st.sampled_from((None, address)))


@st.composite
def held_statements(draw):
    held: HeldStatements = {}
    for group in draw(st.sets(st.sampled_from(("residence", *OPEN)), min_size=1)):
        for speaker in draw(st.sets(st.sampled_from(("form:nd318", "population", "population#id")), min_size=1)):
            if group == "residence":
                values = draw(st.dictionaries(st.sampled_from(("permanent", "current", "temporary")), addresses()))
            else:
                values = draw(st.dictionaries(st.sampled_from(OPEN[group]), CLEAR))
                if group in IDENTIFYING:
                    values |= draw(st.dictionaries(st.sampled_from(IDENTIFYING[group]), SECRET))
            verified_at = draw(st.sampled_from((None, "2026-07-05T00:00:00.000000Z")))
            held.setdefault(group, {})[speaker] = GroupStatement(
                speaker.split(":")[0].split("#")[0], "2026-07-05", draw(st.booleans()), "id", verified_at, "now", values
            )
    return held


@given(held_statements())
def test_what_is_stored_reads_back_as_it_was(held):
    assert load(*dump(held)) == held


@given(held_statements())
def test_sealing_and_opening_the_identity_between_does_not_change_it(held):
    opened, identity = dump(held)
    assert load(opened, orjson.loads(orjson.dumps(identity))) == held


@given(held_statements())
def test_no_identifying_value_stands_in_the_open_text(held):
    opened, _ = dump(held)
    assert "«" not in opened
    assert "»" not in opened


@given(held_statements())
def test_everything_else_stands_in_the_open_text(held):
    identity: Any = dump(held)[1]
    for group, by_speaker in identity.items():
        for values in by_speaker.values():
            if group != "residence":
                others = {field: value for field, value in values.items() if field not in IDENTIFYING.get(group, ())}
                assert split_group(group, others)[1] == others


def test_without_the_identity_the_rest_can_still_be_read():
    merged = fold([said("population", "2026-07-05", {"basic": {"full_name": "LÒ THỊ MAI", "sex": "2"}})])
    opened, _ = dump(merged.held)
    assert load(opened, {})["basic"]["population"].values == {"sex": "2"}
