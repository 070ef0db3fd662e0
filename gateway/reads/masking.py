"""What a reader sees of a person unless identity was asked for: enough to recognise, too little to copy."""

from __future__ import annotations

from typing import Final

from contracts.canonical import Json
from contracts.dates import year_of
from contracts.identifiers import mask
from contracts.worker import GroupName, Groups, Values, is_open, is_open_in_address

HIDDEN: Final = "•••"


def masked_name(name: str) -> str:
    """The given name in full, the others as initials: `L. V. Pâng`."""
    words = name.split()
    return " ".join([*(f"{word[0]}." for word in words[:-1]), *words[-1:]])


def masked_birth_date(birth_date: str) -> str:
    """The year alone."""
    try:
        return str(year_of(birth_date))
    except ValueError:
        return HIDDEN


def masked_groups(groups: Groups) -> Groups:
    """The groups with every identifying value masked."""
    return {group: _masked(group, values) for group, values in groups.items()}


def _masked(group: GroupName, values: Values) -> Values:
    return {field: _mask_field(group, field, value) for field, value in values.items()}


def _mask_field(group: GroupName, field: str, value: Json) -> Json:
    if isinstance(value, dict):
        return {name: one if not one or is_open_in_address(group, name, one) else HIDDEN for name, one in value.items()}
    if not isinstance(value, str):
        return value if is_open(group, field, value) else HIDDEN
    if field == "full_name":
        return masked_name(value)
    if field == "birth_date":
        return masked_birth_date(value)
    if field in ("personal_number", "cmnd", "social_insurance_number"):
        return mask(value)
    return value if is_open(group, field, value) else HIDDEN
