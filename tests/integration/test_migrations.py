"""Migrations on real databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect

from gateway.store.engine import Database
from gateway.store.migrations import DatabaseTooNew, pending_migrations, upgrade
from gateway.store.migrations.catalogue import VERSION_TABLE
from gateway.store.migrations.drift import drift
from gateway.store.schema import metadata


def test_migrations_build_exactly_what_the_schema_says(database_url: str) -> None:
    assert drift(database_url) == []


def test_looking_for_drift_leaves_nothing_behind(postgres_url: str) -> None:
    drift(postgres_url)
    database = Database(postgres_url)
    assert inspect(database.engine).get_schema_names() == ["information_schema", "public"]
    assert inspect(database.engine).get_table_names() == []
    database.close()


def test_an_empty_database_lacks_all_and_an_upgraded_one_nothing(database_url: str) -> None:
    assert pending_migrations(database_url)[0] == "0001"
    upgrade(database_url)
    assert pending_migrations(database_url) == []
    database = Database(database_url)
    assert set(inspect(database.engine).get_table_names()) == {VERSION_TABLE, *metadata.tables}
    database.close()


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    upgrade(database_url)
    upgrade(database_url)
    assert pending_migrations(database_url) == []


def test_upgrades_at_the_same_time_wait_in_line(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [database_url] * 4))
    assert pending_migrations(database_url) == []


def test_a_database_newer_than_the_program_is_refused(database_url: str) -> None:
    upgrade(database_url)
    database = Database(database_url)
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    database.close()
    for touch in (pending_migrations, upgrade):
        with pytest.raises(DatabaseTooNew, match="9999"):
            touch(database_url)
