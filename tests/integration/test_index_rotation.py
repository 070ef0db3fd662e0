"""The key by which people are found is replaced while the house is open: nobody is lost and nobody comes twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from contracts.adapter_port import PersonKey
from gateway.clock import system_clock
from gateway.errors import Busy
from gateway.security.key_provider import KeyFile
from gateway.security.keyring import Keyring, KeysUnusable, load_or_create
from gateway.security.sealing import Vault, index_key_id
from gateway.store import index_keys, schema
from gateway.store.records import RecordReader
from gateway.wiring.keys import open_vault
from gateway.wiring.reindexing import reindex
from gateway.wiring.renewing import Renewing
from gateway.wiring.rotating import Rotated, rotate
from tests.intake_world import NAME, World, basic, number, statement, submission, world

PEOPLE = range(1, 13)
OLD, NEW = "045123456", "045123457"


class Stopped(Exception):
    """Somebody pulled the plug."""


@pytest.fixture
def provider(tmp_path: Path) -> KeyFile:
    load_or_create(tmp_path / "keys.json")
    return KeyFile(tmp_path / "keys.json")


@pytest.fixture
def house(database_url: str, provider: KeyFile) -> Iterator[World]:
    with world(database_url, threads=4, keyring=provider.load()) as built:
        built.receive(*(submission(at) for at in PEOPLE))
        yield built


def nothing(_done: int, _total: int) -> None:
    """Nobody is told."""


def at_once(_seconds: float) -> None:
    """Nobody waits."""


def turned(
    house: World,
    provider: KeyFile,
    tell: Callable[[int, int], None] = nothing,
    sleep: Callable[[float], None] = at_once,
) -> Rotated:
    return reindex(provider, house.database, system_clock, "operator", tell, sleep)


def found(house: World, keyring: Keyring) -> list[str | None]:
    """Whom a house with these keys finds by number."""
    keys = [PersonKey(personal_number=number(at)) for at in PEOPLE]
    return RecordReader(house.database, Vault(keyring)).find_many(keys)


def owners(house: World) -> dict[str, set[str]]:
    """Personal number -> who has it, by what the records say themselves."""
    with house.database.read() as connection:
        ids = list(connection.execute(select(schema.workers.c.worker_id)).scalars())
    told: dict[str, set[str]] = {}
    for worker_id, opened in house.records.read(ids).items():
        told.setdefault(str(opened.record.value("basic", "personal_number")), set()).add(worker_id)
    return told


def test_everybody_is_found_by_the_new_key_and_nobody_by_the_old(house: World, provider: KeyFile) -> None:
    before, held = provider.load(), found(house, provider.load())
    assert None not in held
    identifiers = house.count(schema.worker_identifiers)
    told: list[tuple[int, int]] = []
    made = turned(house, provider, lambda *step: told.append(step))
    after = provider.load()
    assert made == Rotated(identifiers, identifiers)
    assert told[-1] == (identifiers, identifiers)
    assert (after.index != before.index, after.next_index) == (True, None)
    assert (after.sender_key, after.key_encryption, after.audit) == (
        before.sender_key,
        before.key_encryption,
        before.audit,
    )
    assert found(house, after) == held
    assert found(house, before) == [None] * len(PEOPLE)
    assert house.count(schema.identifier_rehashes) == 0
    (row,) = [one for one in house.rows(schema.audit_rows) if one.action == "keys:rotated"]
    assert (row.subject, row.actor) == ("index", "operator")


def test_who_is_known_stays_known_to_a_process_that_goes_on(house: World, provider: KeyFile) -> None:
    held = found(house, provider.load())
    renewing = Renewing(provider, house.vault)
    turned(house, provider, sleep=lambda _: renewing.look())
    again = house.receive(*(submission(at, ho_ten=NAME, cong_viec_cu_the="Thợ xây") for at in PEOPLE))
    assert [receipt.worker_id for receipt in again] == held
    renewing.look()
    assert house.vault.index_key == index_key_id(provider.load().index)
    (newcomer,) = house.receive(submission(50))
    assert newcomer.state == "accepted"
    assert all(len(people) == 1 for people in owners(house).values())


def test_a_process_that_has_not_heard_takes_nothing_until_it_has(house: World, provider: KeyFile) -> None:
    """Requirement 42: it would take people whom we know for newcomers."""
    turned(house, provider)
    counts = house.counts()
    with pytest.raises(Busy):
        house.receive(submission(1), submission(50))
    assert house.counts() == counts
    Renewing(provider, house.vault).look()
    known, newcomer = house.receive(submission(1), submission(50))
    assert known.worker_id == found(house, provider.load())[0]
    assert newcomer.state == "accepted"


def test_entries_that_arrive_meanwhile_double_nobody(house: World, provider: KeyFile, database_url: str) -> None:
    """Two processes take in newcomers and people who are known, the same ones, all the time."""
    stop = threading.Event()
    with world(database_url, threads=2, keyring=provider.load()) as other:
        rooms = [(house, Renewing(provider, house.vault)), (other, Renewing(provider, other.vault))]
        taken: list[list[int]] = [[], []]
        wrong: list[BaseException] = []

        def go_on(at: int) -> None:
            room, renewing = rooms[at]
            try:
                for turn in range(10_000):
                    if stop.is_set():
                        return
                    renewing.look()
                    who = (turn * 3) % 60
                    room.receive(submission(100 + who), submission(who % 12 + 1, cong_viec_cu_the=f"nghề {turn}"))
                    taken[at].append(100 + who)
            except BaseException as error:
                wrong.append(error)

        threads = [threading.Thread(target=go_on, args=(at,)) for at in range(2)]

        def meanwhile(_seconds: float) -> None:
            enough = [len(one) + 2 for one in taken]
            until(lambda: bool(wrong) or all(len(one) > least for one, least in zip(taken, enough, strict=True)))

        for thread in threads:
            thread.start()
        try:
            for _ in range(2):
                turned(house, provider, sleep=meanwhile)
                meanwhile(0)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert wrong == []
    people = owners(house)
    assert {name: ids for name, ids in people.items() if len(ids) > 1} == {}
    assert people.keys() == {number(at) for at in {*PEOPLE, *taken[0], *taken[1]}}
    assert None not in found(house, provider.load())


def until(holds: Callable[[], bool]) -> None:
    waited = threading.Event()
    for _ in range(6_000):
        if holds():
            return
        waited.wait(0.01)
    raise AssertionError("nothing happened for a minute")


@pytest.mark.parametrize("step", ["before anything is indexed", "before the turn", "after the turn"])
def test_a_rotation_that_was_broken_off_goes_on_with_the_same_key(
    house: World, provider: KeyFile, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = found(house, provider.load())

    def stop(*_: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        if step == "after the turn":
            patch.setattr(Keyring, "with_index_turned", stop)
        if step == "before the turn":
            patch.setattr(index_keys, "turn", stop)
        with pytest.raises(Stopped):
            turned(house, provider, sleep=stop if step == "before anything is indexed" else at_once)
    coming = provider.load().next_index
    assert coming is not None
    # A process that starts now finds everybody, and takes nobody for a newcomer.
    vault = open_vault(provider, house.database)
    people = [PersonKey(personal_number=number(at)) for at in PEOPLE]
    assert RecordReader(house.database, vault).find_many(people) == held
    turned(house, provider)
    assert provider.load().index == coming
    assert found(house, provider.load()) == held


def test_past_identifiers_turn_too(house: World, provider: KeyFile) -> None:
    """What belongs to the past is kept for what it was, also where name and number were never said together."""
    (worker_id,) = found(house, provider.load())[:1]
    for cmnd, day in ((OLD, "2026-07-01"), (NEW, "2026-07-03")):
        house.one(statement("population", {"basic": basic(1, cmnd=cmnd)}, as_of=day, verified=True))
    rows = [row for row in house.rows(schema.worker_identifiers) if row.worker_id == worker_id]
    assert any(row.valid_to is not None for row in rows)
    made = turned(house, provider)
    assert made.changed == made.keys
    after = RecordReader(house.database, Vault(provider.load()))
    assert after.find(PersonKey(cmnd=NEW)) == worker_id
    assert after.find(PersonKey(cmnd=OLD)) is None


def test_the_key_file_from_before_opens_nothing_afterwards(house: World, provider: KeyFile, tmp_path: Path) -> None:
    """Requirement 42: rather stop than meet everybody as a stranger."""
    kept = tmp_path / "from-before.json"
    kept.write_bytes(provider.path.read_bytes())
    turned(house, provider)
    with pytest.raises(KeysUnusable, match="another time"):
        open_vault(KeyFile(kept), house.database)


def test_a_key_file_brought_back_from_before_a_broken_rotation_starts_anew(
    house: World, provider: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was laid aside for the key that is gone must not be taken for that of the next."""
    held, before = found(house, provider.load()), provider.path.read_bytes()

    def stop(*_: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(index_keys, "stand_alone", stop)
        with pytest.raises(Stopped):
            turned(house, provider)
    assert house.count(schema.identifier_rehashes)
    provider.path.write_bytes(before)
    turned(house, provider)
    assert found(house, provider.load()) == held
    Renewing(provider, house.vault).look()
    again = house.receive(*(submission(at, cong_viec_cu_the="Thợ xây") for at in PEOPLE))
    assert [receipt.worker_id for receipt in again] == held


def test_two_rotations_never_overlap(house: World, provider: KeyFile) -> None:
    """Each would put back the keys that the other has replaced, and with them all that those sealed would be lost."""
    refused: list[str] = []

    def wrap_meanwhile(_seconds: float) -> None:
        with pytest.raises(KeysUnusable) as told:
            rotate(provider, house.database, system_clock, "operator", nothing, at_once)
        refused.append(str(told.value))

    def index_meanwhile(_seconds: float) -> None:
        with pytest.raises(KeysUnusable) as told:
            turned(house, provider)
        refused.append(str(told.value))

    held = found(house, provider.load())
    turned(house, provider, sleep=wrap_meanwhile)
    rotate(provider, house.database, system_clock, "operator", nothing, index_meanwhile)
    assert all("another rotation is under way" in one for one in refused)
    assert len(refused) == 2
    assert found(house, provider.load()) == held
    open_vault(provider, house.database)


def test_a_broken_rotation_is_finished_before_the_other_kind_begins(house: World, provider: KeyFile) -> None:
    def stop(_seconds: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        turned(house, provider, sleep=stop)
    with pytest.raises(KeysUnusable, match="rotate --index"):
        rotate(provider, house.database, system_clock, "operator", nothing, at_once)
    turned(house, provider)
    with pytest.raises(Stopped):
        rotate(provider, house.database, system_clock, "operator", nothing, stop)
    with pytest.raises(KeysUnusable, match="lgsp keys rotate"):
        turned(house, provider)
    rotate(provider, house.database, system_clock, "operator", nothing, at_once)
    turned(house, provider)
