"""Who the stories are about: people of the simulated world, each told of once, and the entries they would give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from mock_services.files.entries import tt11_fields
from mock_services.instants import today
from mock_services.people.person import Person
from mock_services.people.world import World


@dataclass(slots=True)
class People:
    """Hands out people of a world whom no other story of the same town has met."""

    world: World
    _met: set[int] = field(default_factory=set)

    def meet(self, fits: Callable[[Person], bool] | None = None) -> Person:
        """Somebody whom population knows by the same name and birth date, and who fits."""
        return self._first(
            lambda person: self.agrees(person) and self.understood(person) and (fits is None or fits(person))
        )

    def meet_many(self, count: int, fits: Callable[[Person], bool] | None = None) -> list[Person]:
        """The same for several."""
        return [self.meet(fits) for _ in range(count)]

    def meet_unknown(self) -> Person:
        """Somebody of whom population has never heard."""
        return self._first(lambda person: not self.world.seen_by("population", person).known)

    def meet_different(self) -> Person:
        """Somebody whom population holds under another birth date."""

        def different(person: Person) -> bool:
            seen = self.world.seen_by("population", person)
            return seen.known and seen.full_name == person.full_name and seen.birth_date != person.birth_date

        return self._first(different)

    def agrees(self, person: Person) -> bool:
        """Whether population knows this person as everybody does."""
        seen = self.world.seen_by("population", person)
        return seen.known and seen.full_name == person.full_name and seen.birth_date == person.birth_date

    def understood(self, person: Person) -> bool:
        """Whether there is nothing of which systems make different things: a full birth date, one place of living."""
        return len(person.birth_date) == 10 and person.current is None

    def _first(self, fits: Callable[[Person], bool]) -> Person:
        people = ((index, self.world.person(index)) for index in range(self.world.size) if index not in self._met)
        index, person = next((index, person) for index, person in people if fits(person))
        self._met.add(index)
        return person


def entry_of(person: Person, *, days_ago: int = 10, key: str | None = None, **fields: Any) -> dict[str, Any]:
    """What the person declared so many days ago, by TT 11's form; `fields` are laid over, None takes one away."""
    on = (today().date() - timedelta(days=days_ago)).isoformat()
    laid_over = {**tt11_fields(person, on), **fields}
    entry: dict[str, Any] = {
        "form": "tt11_mau03",
        "declared_on": on,
        "collected_on": on,
        "commune": person.residence.commune,
        "fields": {name: value for name, value in laid_over.items() if value is not None},
    }
    return entry if key is None else {**entry, "key": key}


def employed(person: Person) -> bool:
    """Has a job with a title."""
    return person.life.job is not None


def insured(person: Person) -> bool:
    """Pays social insurance now."""
    return person.life.spell is not None and person.life.spell.month_to is None


def farmer(person: Person) -> bool:
    """Works, and nobody insures it."""
    return employed(person) and person.life.spell is None


def in_days(days: int) -> str:
    """The civil date so many days from today, `YYYY-MM-DD`."""
    day: date = today().date()
    return (day + timedelta(days=days)).isoformat()
