"""The SQLite file holds people: nobody but its owner reads it, nor the files that SQLite lays beside it."""

from __future__ import annotations

import stat
from pathlib import Path

from gateway.store.engine import Database
from gateway.store.migrations import upgrade


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def test_the_database_file_and_its_log_are_the_owners_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'lgsp.sqlite3'}"
    upgrade(url)
    database = Database(url)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (a)")
        assert modes(tmp_path) == {"lgsp.sqlite3": 0o600, "lgsp.sqlite3-wal": 0o600, "lgsp.sqlite3-shm": 0o600}
    database.close()


def test_a_file_that_is_there_keeps_the_permissions_that_somebody_gave_it(tmp_path: Path) -> None:
    file = tmp_path / "lgsp.sqlite3"
    upgrade(f"sqlite:///{file}")
    file.chmod(0o640)
    upgrade(f"sqlite:///{file}")
    assert modes(tmp_path)["lgsp.sqlite3"] == 0o640
