"""The key-encryption key is replaced while the house is open: nothing is lost, whenever it is broken off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.callers.administration import CONFIRM_WITHIN, Administration
from gateway.clock import instant, system_clock
from gateway.errors import NotPermitted
from gateway.permissions import Caller
from gateway.security.key_provider import KeyFile, KeysInEnvironment
from gateway.security.keyring import Keyring, KeysUnusable, load, load_or_create
from gateway.security.sealing import CannotOpen, Vault
from gateway.store import callers, data_keys, schema
from gateway.store.callers import CallerKey, Rights
from gateway.store.engine import Database
from gateway.store.migrations import upgrade
from gateway.wiring.renewing import Renewing
from gateway.wiring.rotating import SecondPersonNeeded, rotate

PEOPLE = data_keys.KEYS_PER_PAGE + 3


class Stopped(Exception):
    """Somebody pulled the plug."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    upgrade(database_url)
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def provider(tmp_path: Path) -> KeyFile:
    load_or_create(tmp_path / "keys.json")
    return KeyFile(tmp_path / "keys.json")


def fill(database: Database, vault: Vault, people: int = PEOPLE) -> dict[str, bytes]:
    """Key id -> a box that the person's key sealed."""
    boxes, rows = {}, []
    for _ in range(people):
        key, wrapped = vault.new_key()
        boxes[key.key_id] = key.seal({"n": key.key_id}, table="t", row="r", fields="f")
        rows.append({"key_id": key.key_id, "worker_id": None, "wrapped": wrapped})
    with database.write() as connection:
        connection.execute(schema.data_keys.insert(), rows)
    return boxes


def opens(database: Database, keyring: Keyring, boxes: dict[str, bytes]) -> bool:
    vault = Vault(keyring)
    with database.read() as connection:
        rows = connection.execute(select(schema.data_keys.c.key_id, schema.data_keys.c.wrapped)).all()
    assert len(rows) == len(boxes)
    return all(
        vault.unwrap(row.key_id, bytes(row.wrapped)).open(boxes[row.key_id], table="t", row="r", fields="f")
        == {"n": row.key_id}
        for row in rows
    )


def nothing(_done: int, _total: int) -> None:
    """Nobody is told."""


def test_everything_opens_with_the_new_key_and_nothing_with_the_old(database: Database, provider: KeyFile) -> None:
    before = provider.load()
    boxes = fill(database, Vault(before))
    told: list[tuple[int, int]] = []
    made = rotate(provider, database, system_clock, "operator", lambda *step: told.append(step), lambda _: None)
    after = provider.load()
    assert (made.keys, made.changed) == (PEOPLE, PEOPLE)
    assert (PEOPLE, PEOPLE) in told
    assert after.retired == ()
    assert after.key_encryption != before.key_encryption
    assert (after.index, after.sender_key, after.audit) == (before.index, before.sender_key, before.audit)
    assert opens(database, after, boxes)
    with pytest.raises(CannotOpen):
        opens(database, before, boxes)
    with database.read() as connection:
        assert connection.execute(select(schema.audit_rows.c.action)).scalars().all() == ["keys:rotated"]


def test_a_rotation_that_was_broken_off_goes_on_with_the_same_key(database: Database, provider: KeyFile) -> None:
    boxes = fill(database, Vault(provider.load()))

    def pull(done: int, _total: int) -> None:
        if done >= data_keys.KEYS_PER_PAGE:
            raise Stopped

    with pytest.raises(Stopped):
        rotate(provider, database, system_clock, "operator", pull, lambda _: None)
    halfway = provider.load()
    assert halfway.retired
    assert opens(database, halfway, boxes)
    made = rotate(provider, database, system_clock, "operator", nothing, lambda _: None)
    assert made.changed == PEOPLE - data_keys.KEYS_PER_PAGE
    assert provider.load().key_encryption == halfway.key_encryption
    assert opens(database, provider.load(), boxes)


def test_a_running_process_goes_on_sealing_and_opening_meanwhile(database: Database, provider: KeyFile) -> None:
    running = Vault(provider.load())
    renewing = Renewing(provider, running)
    boxes = fill(database, running, 3)

    def heard(_seconds: float) -> None:
        boxes.update(fill(database, running, 1))  # by a process that has not heard yet
        renewing.look()
        boxes.update(fill(database, running, 1))

    rotate(provider, database, system_clock, "operator", nothing, heard)
    assert len(boxes) == 5
    assert opens(database, provider.load(), boxes)
    renewing.look()
    boxes.update(fill(database, running, 1))
    assert opens(database, provider.load(), boxes)


def test_keys_of_another_house_change_nothing(database: Database, provider: KeyFile) -> None:
    boxes = fill(database, Vault(provider.load()), 2)
    kept = provider.load()
    provider.replace(Keyring.generate())
    with pytest.raises(CannotOpen):
        rotate(provider, database, system_clock, "operator", nothing, lambda _: None)
    assert opens(database, kept, boxes)


def test_a_key_that_is_erased_meanwhile_does_not_come_back(database: Database, provider: KeyFile) -> None:
    fill(database, Vault(provider.load()), 2)
    vault = Vault(provider.load().rotated())

    def erase_then_wrap(key_id: str, wrapped: bytes) -> bytes | None:
        return vault.rewrapped(key_id, wrapped)

    with database.write() as connection:
        connection.execute(schema.data_keys.delete())
        assert data_keys.rewrap(connection, None, erase_then_wrap).changed == 0
    with database.read() as connection:
        assert data_keys.count(connection) == 0


def administrators(database: Database, names: tuple[str, ...] = ("mai", "toan")) -> tuple[Administration, list[Caller]]:
    at = instant(system_clock())
    with database.write() as connection:
        for name in names:
            callers.put(connection, name, Rights("person", "H35", "12", "administrator", "operator", ()), at)
            key = CallerKey(f"{name:0<16}", name, "cli", name.encode(), None, at, None, None)
            callers.add_key(connection, key)
    return Administration(database, system_clock), [
        Caller(one, "H35", "12", "administrator", "operator") for one in names
    ]


def attempt(database: Database, provider: KeyFile, approval: int | None) -> str:
    before = provider.load()
    try:
        rotate(provider, database, system_clock, "operator", nothing, lambda _: None, approval)
    except SecondPersonNeeded as needed:
        assert provider.load() == before
        return str(needed)
    assert provider.load() != before
    return "rotated"


def test_nobody_replaces_a_house_key_alone(database: Database, provider: KeyFile) -> None:
    """Requirement 6: proposed by one, confirmed by another, used once, in time, for this key."""
    fill(database, Vault(provider.load()), 3)
    room, (mai, toan) = administrators(database)
    assert attempt(database, provider, None) == "missing"
    number = room.propose_rotation("key_encryption", mai).proposal
    assert number is not None
    assert attempt(database, provider, number) == "not-confirmed"
    with pytest.raises(NotPermitted, match="second-person-needed"):
        room.decide(number, "confirmed", mai)
    room.decide(number, "confirmed", toan)
    assert attempt(database, provider, number) == "rotated"
    assert attempt(database, provider, number) == "used"
    assert attempt(database, provider, number + 1) == "missing"
    other = room.propose_rotation("index", mai).proposal
    assert other is not None
    room.decide(other, "confirmed", toan)
    assert attempt(database, provider, other) == "missing"
    refused = room.propose_rotation("key_encryption", toan).proposal
    assert refused is not None
    room.decide(refused, "refused", mai)
    assert attempt(database, provider, refused) == "not-confirmed"


def test_what_was_confirmed_long_ago_allows_nothing(database: Database, provider: KeyFile) -> None:
    """Requirement 6."""
    fill(database, Vault(provider.load()), 1)
    room, (mai, toan) = administrators(database)
    number = room.propose_rotation("key_encryption", mai).proposal
    assert number is not None
    room.decide(number, "confirmed", toan)
    later = system_clock() + CONFIRM_WITHIN
    with pytest.raises(SecondPersonNeeded, match="expired"):
        rotate(provider, database, lambda: later, "operator", nothing, lambda _: None, number)


def test_until_there_are_two_administrators_one_person_may(database: Database, provider: KeyFile) -> None:
    fill(database, Vault(provider.load()), 1)
    administrators(database, ("mai",))
    assert attempt(database, provider, None) == "rotated"


def test_keys_from_the_environment_open_everything_and_are_never_written(database: Database, provider: KeyFile) -> None:
    text = provider.path.read_text("utf-8")
    boxes = fill(database, Vault(provider.load()), 2)
    given = KeysInEnvironment("LGSP_KEYS__TEXT", text)
    assert opens(database, given.load_or_make(), boxes)
    assert text not in repr(given)
    with pytest.raises(KeysUnusable, match="can only be read"):
        rotate(given, database, system_clock, "operator", nothing, lambda _: None)
    assert opens(database, given.load(), boxes)


def test_where_no_key_can_be_kept_no_approval_is_used_up(database: Database, provider: KeyFile) -> None:
    fill(database, Vault(provider.load()), 1)
    room, (mai, toan) = administrators(database)
    number = room.propose_rotation("key_encryption", mai).proposal
    assert number is not None
    room.decide(number, "confirmed", toan)
    given = KeysInEnvironment("LGSP_KEYS__TEXT", provider.path.read_text("utf-8"))
    with pytest.raises(KeysUnusable, match="can only be read"):
        rotate(given, database, system_clock, "operator", nothing, lambda _: None, number)
    assert attempt(database, provider, number) == "rotated"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"index": 1}', "x" * 50, '{"key_encryption": "AAAA"}'])
def test_requirement_39_keys_in_the_environment_that_are_none_stop_the_start(text: str) -> None:
    with pytest.raises(KeysUnusable, match="LGSP_KEYS__TEXT") as refused:
        KeysInEnvironment("LGSP_KEYS__TEXT", text).load_or_make()
    assert len(text) < 10 or text not in str(refused.value)


def test_the_file_stays_its_owners_alone(provider: KeyFile) -> None:
    provider.replace(provider.load().rotated())
    assert provider.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in provider.path.parent.iterdir()] == ["keys.json"]
    assert load(provider.path).retired
