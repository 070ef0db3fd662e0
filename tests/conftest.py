"""What every test may ask for. Databases come empty: tests build them by the migrations, as the product does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ops.local.kafka import KafkaUnavailable
from ops.local.postgres import PostgresUnavailable
from tests.services import PostgresServer, ServerUnreachable, fresh_database, kafka, postgres

BACKENDS = ("sqlite", "postgresql")

# A busy machine is slow, not wrong: no example fails for the time it took.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the foreign suites look (`make fuzz`); without these they stay within a minute each."""
    parser.addoption("--fuzz-examples", type=int, default=4, help="examples of each thing in tests/fuzz")
    parser.addoption("--fuzz-seed", type=int, default=1, help="where tests/fuzz starts; the same makes the same")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL. Its absence fails the test that asks for it, with a sentence; nothing is skipped."""
    with ExitStack() as until_the_end:
        try:
            server = until_the_end.enter_context(postgres())
        except (PostgresUnavailable, ServerUnreachable) as error:
            sentence = str(error)
        else:
            yield server
            return
    pytest.fail(sentence, pytrace=False)  # outside the except block, or the traces of the cause would bury it


@pytest.fixture(scope="session")
def kafka_address() -> Iterator[str]:
    """Bootstrap servers of a real Kafka, started when the first test asks. Its absence fails, with a sentence."""
    with ExitStack() as until_the_end:
        try:
            address = until_the_end.enter_context(kafka())
        except (KafkaUnavailable, ServerUnreachable) as error:
            sentence = str(error)
        else:
            yield address
            return
    pytest.fail(sentence, pytrace=False)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database of this test alone."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file of this test alone, not yet made."""
    return f"sqlite:///{tmp_path / 'store.sqlite3'}"


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs twice: on SQLite and on PostgreSQL, each time with an empty database of its own."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture(scope="module", params=BACKENDS)
def module_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Like `database_url`, but one database for all tests of a module, which must not disturb each other."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('module') / 'store.sqlite3'}"
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url
