"""What a reader sees of a person unless identity was asked for: enough to recognise, too little to copy."""

from __future__ import annotations

from typing import Final

from contracts.canonical import Json
from contracts.dates import year_of
from contracts.identifiers import mask
from contracts.worker import GroupName, Groups, Values

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
    if group == "residence":
        return {field: _without_detail(address) for field, address in values.items()}
    return {field: _mask_field(field, value) for field, value in values.items()}


def _mask_field(field: str, value: Json) -> Json:
    if not isinstance(value, str):
        return value
    if field == "full_name":
        return masked_name(value)
    if field == "birth_date":
        return masked_birth_date(value)
    if field in ("personal_number", "cmnd", "social_insurance_number"):
        return mask(value)
    return value


def _without_detail(address: Json) -> Json:
    if not isinstance(address, dict) or not address.get("detail"):
        return address
    return {**address, "detail": HIDDEN}
