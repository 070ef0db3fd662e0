"""One town for all foreign suites: it has somebody in every state, so that the suites find more than empty lists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mock_services.people.world import World
from tests.journeys.people import People, employed, entry_of
from tests.journeys.town import Town
from tests.services import PostgresServer, fresh_database

PEOPLE = 500
SEED = 7
SETTLED = 8
"""So many of the world's employed people the town has heard of from the start."""
_TOWN_LOGS_JSON = {"LGSP_LOG__FORMAT": "json"}


@pytest.fixture(scope="session")
def fuzz_seed(request: pytest.FixtureRequest) -> int:
    """Where the suites start; the same seed makes the same requests."""
    return int(request.config.getoption("--fuzz-seed"))


@pytest.fixture(scope="session")
def fuzz_examples(request: pytest.FixtureRequest) -> int:
    """How many examples a suite makes of each thing."""
    return int(request.config.getoption("--fuzz-examples"))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Town]:
    """Everything runs, and some people are in every state that an entry can come to.

    On PostgreSQL, which takes fewer texts than SQLite and sleeps when it is told to.
    """
    folder = tmp_path_factory.mktemp("town")
    with (
        fresh_database(postgres_server) as url,
        Town(folder, url, people=PEOPLE, seed=SEED, settings=_TOWN_LOGS_JSON) as made,
    ):
        _settle(made, People(World(PEOPLE, SEED)))
        yield made
    said = made.gateway.log.read_text("utf-8", "replace")
    assert "Traceback" not in said, said[-2_000:]
    assert "request_failed" not in said, said[-2_000:]


def _settle(town: Town, people: People) -> None:
    settled, parked, *doubted = people.meet_many(SETTLED, employed)
    town.fault("social_insurance", "refuse_person", person=parked.personal_number)
    town.until_settled(town.accept(entry_of(settled))["worker_id"])
    town.accept(entry_of(parked))
    for person in doubted:
        assert town.submit(entry_of(person, tinh_trang_hdkt="2")).status_code == 202
    town.until(lambda: town.everything("/v1/dead-letters"), "parked")
