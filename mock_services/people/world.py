"""A world of N people: looked up by any number, made when asked for, never held."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from contracts.names import unaccented_key
from mock_services.people.differences import Differences, System, differences
from mock_services.people.numbers import PEOPLE_MAX, index_of
from mock_services.people.person import Person, make_person

_KEPT_MAX = 20_000


def name_key(name: str) -> str:
    """A name as the systems compare it: capitals without tone marks and blanks."""
    return unaccented_key(name).replace(" ", "")


class World:
    """People 0 … size-1 of a seed. Raises ValueError for a size that the numbers cannot hold."""

    def __init__(self, size: int, seed: int) -> None:
        if not 0 <= size <= PEOPLE_MAX:
            raise ValueError(f"a world has 0 to {PEOPLE_MAX} people")
        self.size = size
        self.seed = seed
        self.person = lru_cache(maxsize=_KEPT_MAX)(self._make)
        self._by_identity: dict[tuple[str, str, str], list[int]] | None = None

    def _make(self, index: int) -> Person:
        return make_person(self.seed, index)

    def __iter__(self) -> Iterator[Person]:
        return (make_person(self.seed, index) for index in range(self.size))

    def find(self, number: str) -> Person | None:
        """By personal number, CMND or social-insurance number; None for numbers of nobody here."""
        index = index_of(number)
        if index is None or not 0 <= index < self.size:
            return None
        person: Person = self.person(index)
        owned = (person.personal_number, person.cmnd, person.social_insurance_number)
        return person if number in owned else None

    def seen_by(self, system: System, person: Person) -> Differences:
        """The system's version of the person."""
        return differences(self.seed, person, system)

    def insured_like(self, name: str, birth_date: str, sex: str) -> list[Person]:
        """Insured people by name, birth date and sex, as social insurance holds them.

        The first question builds the index: about 10 s for 100,000 people.
        """
        if self._by_identity is None:
            self._by_identity = {}
            for person in self:
                if person.social_insurance_number is not None:
                    seen = self.seen_by("social_insurance", person)
                    key = (name_key(seen.full_name), seen.birth_date, person.sex)
                    self._by_identity.setdefault(key, []).append(person.index)
        return [self.person(index) for index in self._by_identity.get((name_key(name), birth_date, sex), ())]
