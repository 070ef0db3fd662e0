"""A thousand canary people: whatever identifies one of them can come from nobody else.

Two invented syllables stand in every name, three in every address; the numbers count down from the end of their ranges;
all were born in one year, of which nothing else in a house tells. So each trace of them in clear is a leak.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from mock_services.people.numbers import cmnd, personal_number, social_insurance_number
from mock_services.people.person import Person, make_person

PEOPLE: Final = 1_000
SEED: Final = 31
CONTROL: Final = PEOPLE + 7
"""Index of somebody who goes through no door: whom the test itself writes down, to see that the search finds it."""
NAME_MARK: Final = "Ngoẵng Khuyểu"
PLACE_MARK: Final = "Huổi Khoẵng Pụt"
YEAR: Final = 1968
_BIRTH_PLACE: Final = "012"


def canary(seed: int, index: int) -> Person:
    """Person `index`: one of the simulated world, with the marks. In the shape of `make_person`."""
    found = make_person(seed, index)
    at_home = replace(found.permanent, detail=f"{PLACE_MARK} {index}")
    away = replace(found.current or found.permanent, detail=f"{PLACE_MARK} tạm {index}") if index % 4 == 0 else None
    return replace(
        found,
        personal_number=personal_number(index, _BIRTH_PLACE, found.sex, YEAR),
        cmnd=cmnd(index),
        middle=NAME_MARK,
        birth_date=f"{YEAR}-{1 + index % 12:02d}-{1 + index % 28:02d}",
        permanent=at_home,
        current=away,
        social_insurance_number=social_insurance_number(index),
    )


SEALED: Final[Mapping[tuple[str, str], Callable[[Person], str | None]]] = {
    ("basic", "full_name"): lambda person: person.full_name,
    ("basic", "birth_date"): lambda person: person.birth_date,
    ("basic", "personal_number"): lambda person: person.personal_number,
    ("basic", "cmnd"): lambda person: person.cmnd,
    ("residence", "permanent"): lambda person: person.permanent.detail,
    ("residence", "current"): lambda person: None if person.current is None else person.current.detail,
    ("residence", "temporary"): lambda person: None if person.current is None else person.current.detail,
    ("insurance", "social_insurance_number"): lambda person: person.social_insurance_number,
}
"""What each field that is sealed at rest holds of a canary. Of an address the detail is sealed."""


def numbers(person: Person) -> dict[str, str]:
    """The person's numbers, by field."""
    found = {field: SEALED["basic", field](person) for field in ("personal_number", "cmnd")}
    found["social_insurance_number"] = person.social_insurance_number
    return {field: number for field, number in found.items() if number is not None}


def at_work(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entry with a workplace that has an address of its own: those of work are no one's home."""
    moved = dict(fields)
    for name in ("dia_chi_noi_lam_viec", "dia_diem_lam_viec", "tru_so"):
        if isinstance(moved.get(name), dict):
            moved[name] = {**moved[name], "chi_tiet": "Khu 2"}
    return moved
