"""The key file and the database belong together: a house does not open with the wrong one, or with none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.security.key_provider import KeyFile
from gateway.security.keyring import KeysUnusable, load
from gateway.store import schema
from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from gateway.wiring.keys import open_vault


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """With its tables, and nobody in it."""
    upgrade(database_url)
    opened = Database(database_url)
    yield opened
    opened.close()


def seal_somebody(database: Database, file: Path) -> None:
    """A person's key, wrapped under the keys of the file."""
    key, wrapped = open_vault(KeyFile(file), database).new_key()
    with database.write() as connection:
        row = {"key_id": key.key_id, "worker_id": None, "wrapped": wrapped}
        connection.execute(schema.data_keys.insert(), row)


def test_an_empty_database_gets_keys_of_its_own(database: Database, tmp_path: Path) -> None:
    open_vault(KeyFile(tmp_path / "keys.json"), database)
    assert load(tmp_path / "keys.json").index != load(tmp_path / "keys.json").sender_key


def test_without_its_key_file_a_filled_database_is_not_opened_and_no_file_is_made(
    database: Database, tmp_path: Path
) -> None:
    seal_somebody(database, tmp_path / "keys.json")
    (tmp_path / "keys.json").rename(tmp_path / "elsewhere.json")
    with pytest.raises(KeysUnusable, match=r"keys\.json"):
        open_vault(KeyFile(tmp_path / "keys.json"), database)
    assert not (tmp_path / "keys.json").exists()
    open_vault(KeyFile(tmp_path / "elsewhere.json"), database)


def test_the_keys_of_another_database_are_refused(database: Database, tmp_path: Path) -> None:
    seal_somebody(database, tmp_path / "keys.json")
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    upgrade(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    open_vault(KeyFile(tmp_path / "others.json"), other)
    with pytest.raises(KeysUnusable, match="another database"):
        open_vault(KeyFile(tmp_path / "others.json"), database)
    other.close()
