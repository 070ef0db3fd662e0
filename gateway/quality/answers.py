"""Which questions of a form were left empty."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from contracts.entry import FormName
from contracts.forms import spec

ACTIVITY: Final = "tinh_trang_hdkt"


def answered(value: object) -> bool:
    """Not left empty: text of spaces, an empty list and an address without members say nothing. False is an answer."""
    if isinstance(value, str):
        return bool(value) and not value.isspace()
    if isinstance(value, dict):
        return value.get("ma_xa") is not None or any(one is not None for one in value.values())
    return bool(value) or value is False


@cache
def asked_of_all(form: FormName, activity: str | None) -> tuple[str, ...]:
    """Questions that everybody of an activity must answer, whatever else they say."""
    return tuple(
        field.name
        for field in spec(form).fields
        if field.need == "yes"
        or (field.need == "when" and field.when and field.when.field == ACTIVITY and activity in field.when.values)
    )


def left_empty(form: FormName, activity: str | None, fields: Mapping[str, object]) -> bool:
    """Was one of these questions left empty?"""
    given = fields.get
    for name in asked_of_all(form, activity):
        value = given(name)
        # Most answers are short text; the general question costs a call.
        if not (isinstance(value, str) and value[:1].strip()) and not answered(value):
            return True
    return False
