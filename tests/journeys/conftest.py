"""One town per database for all stories that can share one; each story is about people of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mock_services.people.world import World
from tests.journeys.people import People
from tests.journeys.town import Town
from tests.services import fresh_database

BACKENDS = ("sqlite", "postgresql")
PEOPLE = 2_000
SEED = 7
ON_SQLITE = pytest.mark.parametrize("shared_town", ["sqlite"], indirect=True)
"""For stories in which the database plays no part."""


@pytest.fixture(scope="session", params=BACKENDS)
def shared_town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Everything runs for the whole session."""
    folder = tmp_path_factory.mktemp(f"town-{request.param}")
    with ExitStack() as until_the_end:
        url = f"sqlite:///{folder / 'lgsp.sqlite3'}"
        if request.param == "postgresql":
            url = until_the_end.enter_context(fresh_database(request.getfixturevalue("postgres_server")))
        yield until_the_end.enter_context(Town(folder, url, people=PEOPLE, seed=SEED))


@pytest.fixture(scope="session")
def people(shared_town: Town) -> People:
    """The people whom no story of this town has met."""
    assert shared_town.ready["people"] == PEOPLE
    return People(World(PEOPLE, SEED))


@pytest.fixture
def town(shared_town: Town) -> Iterator[Town]:
    """The town, at rest and without a fault when the story begins."""
    shared_town.heal()
    yield shared_town
    shared_town.heal()
