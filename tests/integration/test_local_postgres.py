"""The server for tests keeps its promises: it is real, and it is gone when its owner is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ops.local.postgres import LocalPostgres, PostgresUnavailable
from ops.local.unprivileged import account_for_servers, temporary_directory
from tests.integration.owners import assert_gone_with_its_owner

OWNER = """
import time
from ops.local.postgres import LocalPostgres
server = LocalPostgres()
server.start()
print(server.pid, server.directory, flush=True)
time.sleep(600)
"""


def _ask(url: str, question: str) -> str:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return str(connection.execute(text(question)).scalar_one())
    finally:
        engine.dispose()


def test_it_is_gone_with_its_data_when_its_owner_is_killed() -> None:
    assert_gone_with_its_owner(OWNER)


def test_over_tcp_it_wants_the_password_of_its_url() -> None:
    with LocalPostgres(tcp=True) as server:
        assert _ask(server.url, "SELECT 'open'") == "open"
        anybody = server.url.replace(server.url.partition("//")[2].partition("@")[0], "lgsp:wrong")
        with pytest.raises(Exception, match="password authentication failed"):
            _ask(anybody, "SELECT 'open'")


@pytest.fixture
def kept() -> Iterator[Path]:
    # pytest's own folder is closed to the account that root's servers run under
    folder = temporary_directory("lgsp-kept-", account_for_servers())
    yield folder / "data"
    shutil.rmtree(folder)


def test_kept_data_is_there_at_the_next_start(kept: Path) -> None:
    with LocalPostgres(kept, durable=True) as server:
        url = server.create_database("kept")
        assert _ask(url, "SHOW fsync") == "on"
    with LocalPostgres(kept) as server:
        assert _ask(server.url_of("kept"), "SELECT current_database()") == "kept"


def test_a_setting_that_postgres_refuses_is_told_in_its_own_words() -> None:
    with pytest.raises(PostgresUnavailable, match="no_such_setting"):
        LocalPostgres(settings={"no_such_setting": "1"}).start()


def test_every_test_gets_an_empty_database_of_its_own(database_url: str) -> None:
    engine = create_engine(database_url)
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE only_here (n integer)"))
    finally:
        engine.dispose()


def test_the_database_of_the_test_before_left_nothing_behind(database_url: str) -> None:
    test_every_test_gets_an_empty_database_of_its_own(database_url)
