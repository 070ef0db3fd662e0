"""One person: a pure function of (seed, index)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from mock_services.people.names import draw_ethnic_group, draw_name, joined
from mock_services.people.numbers import cmnd, personal_number, social_insurance_number
from mock_services.people.places import Place, draw_place
from mock_services.people.work import Life, draw_life

YEAR: Final = 2026
"""The year the world stands in: everyone is at least 15 on 1 January of it."""
KINH: Final = "01"
_BIRTH_PLACES: Final = ("012", "011", "014", "010", "001", "036", "025")
_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is and what is true of them; each system holds its own, sometimes different, version (`differences`)."""

    index: int
    personal_number: str
    cmnd: str | None
    surname: str
    middle: str
    given: str
    birth_date: str
    sex: str
    ethnic_group: str
    permanent: Place
    current: Place | None
    social_insurance_number: str | None
    life: Life

    @property
    def full_name(self) -> str:
        """Surname, middle, given."""
        return joined(self.surname, self.middle, self.given)

    @property
    def residence(self) -> Place:
        """Where the person lives now."""
        return self.current or self.permanent


def make_person(seed: int, index: int) -> Person:
    """Person `index` of the world `seed`; independent of all others."""
    rng = random.Random(f"{seed}/{index}")
    pick = rng.random
    sex = "1" if pick() < 0.507 else "2"
    group = draw_ethnic_group(rng)
    surname, middle, given = draw_name(rng, group, sex)
    age = 16 + int((pick() ** 1.35) * 68)
    birth_year = YEAR - age
    permanent = draw_place(rng)
    current = draw_place(rng) if pick() < 0.09 else None
    life = draw_life(rng, age, YEAR, minority=group != KINH)
    insured = life.spell is not None or pick() < 0.12
    return Person(
        index=index,
        personal_number=personal_number(index, _draw_birth_place(rng), sex, birth_year),
        cmnd=cmnd(index) if age > 35 and pick() < 0.7 else None,
        surname=surname,
        middle=middle,
        given=given,
        birth_date=_draw_birth_date(rng, birth_year),
        sex=sex,
        ethnic_group=group,
        permanent=permanent,
        current=current if current != permanent else None,
        social_insurance_number=social_insurance_number(index) if insured else None,
        life=life,
    )


def _draw_birth_place(rng: random.Random) -> str:
    pick = rng.random()
    if pick < 0.84:
        return _BIRTH_PLACES[0]
    return _BIRTH_PLACES[1] if pick < 0.92 else _BIRTH_PLACES[2 + int(rng.random() * 5)]


def _draw_birth_date(rng: random.Random, year: int) -> str:
    """Full, except for the elderly of the highlands: the year alone, seldom year and month."""
    month = 1 + int(rng.random() * 12)
    day = 1 + int(rng.random() * _DAYS[month - 1])
    pick = rng.random()
    if year < 1966 and pick < 0.35:
        return f"{year}" if pick < 0.31 else f"{year}-{month:02d}"
    return f"{year}-{month:02d}-{day:02d}"
