"""A person is erased by two people, and neither a feed nor a restored database brings them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from contracts.events import WorkerEvent
from gateway.errors import Busy, Conflict, NotFound, NotPermitted
from gateway.intake.erasing import Erasing
from gateway.intake.prepare import Preparation
from gateway.permissions import Caller, Purpose
from gateway.quality import QualitySettings
from gateway.security.keyring import KeysUnusable
from gateway.security.ledger import Erased, Ledger
from gateway.security.sealing import CannotOpen
from gateway.store import approvals, schema
from gateway.store.entries import EntryReader
from gateway.store.worker_history import HistoryReader
from tests.intake_world import World, basic, number, statement, submission, world

FIRST = Caller("first", "H35.1", "12", "province_officer")
SECOND = replace(FIRST, name="second")
COMMUNE_OFFICER = Caller("officer", "H35.1", "03388", "commune_officer")
PURPOSE = Purpose("request", "HS-2026-17")


@dataclass
class Erasure:
    """A house in which people are erased."""

    world: World
    room: Erasing
    ledger: Ledger

    def erase(self, worker_id: str) -> None:
        asked = self.room.request(worker_id, PURPOSE, FIRST)
        self.room.confirm(asked.id, SECOND)

    def fresh_start(self) -> int:
        return self.room.catch_up()


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[Erasure]:
    with world(database_url) as built:
        ledger = Ledger(tmp_path / "outside" / "erasures.jsonl")
        room = Erasing(
            built.database,
            built.vault,
            ledger,
            built.records,
            EntryReader(built.database, built.vault),
            built.quarantine,
            Preparation(built.vault, QualitySettings()),
            built.clock,
        )
        yield Erasure(built, room, ledger)


def known(house: Erasure, at: int = 1, **changes: Any) -> str:
    receipt = house.world.one(submission(at, **changes))
    assert receipt.worker_id is not None
    return receipt.worker_id


def test_requirement_6_nobody_erases_alone(house: Erasure) -> None:
    worker = known(house)
    asked = house.room.request(worker, PURPOSE, FIRST)
    with pytest.raises(NotPermitted, match="second-person-needed"):
        house.room.confirm(asked.id, FIRST)
    assert house.world.records.read([worker])
    assert house.ledger.read() == []
    house.room.confirm(asked.id, SECOND)
    assert not house.world.records.read([worker])


def test_requirement_6_the_database_itself_refuses_one_person_in_both_places(house: Erasure) -> None:
    row = {
        "action": "people:erase",
        "subject": "x",
        "reference": "x",
        "requested_by": "first",
        "requested_at": "2026",
        "expires_at": "2027",
        "state": "confirmed",
        "decided_by": "first",
    }
    with pytest.raises(IntegrityError), house.world.database.write() as connection:
        connection.execute(insert(schema.approvals), row)


def test_requirement_6_a_commune_can_neither_ask_nor_confirm(house: Erasure) -> None:
    worker = known(house)
    with pytest.raises(NotPermitted, match="permission-missing"):
        house.room.request(worker, PURPOSE, COMMUNE_OFFICER)
    asked = house.room.request(worker, PURPOSE, FIRST)
    with pytest.raises(NotPermitted, match="permission-missing"):
        house.room.confirm(asked.id, COMMUNE_OFFICER)
    with pytest.raises(NotPermitted, match="permission-missing"):
        house.room.requests(COMMUNE_OFFICER)


def test_requirement_6_a_request_expires(house: Erasure) -> None:
    worker = known(house)
    asked = house.room.request(worker, PURPOSE, FIRST)
    house.world.clock.now += dt.timedelta(hours=72)
    with pytest.raises(Conflict, match="approval-expired"):
        house.room.confirm(asked.id, SECOND)
    assert [one.state for one in house.room.requests(FIRST)] == ["expired"]
    assert house.world.records.read([worker])


def test_a_request_is_decided_once(house: Erasure) -> None:
    asked = house.room.request(known(house), PURPOSE, FIRST)
    house.room.refuse(asked.id, SECOND)
    for act in (house.room.confirm, house.room.refuse):
        with pytest.raises(Conflict, match="approval-already-decided"):
            act(asked.id, SECOND)
    with pytest.raises(NotFound):
        house.room.confirm(asked.id + 1, SECOND)


def test_nobody_unknown_is_asked_for(house: Erasure) -> None:
    with pytest.raises(NotFound, match="worker-not-found"):
        house.room.request("00000000-0000-4000-8000-000000000000", PURPOSE, FIRST)


def test_nothing_that_was_sealed_opens_any_more_and_neighbours_stay(house: Erasure) -> None:
    worker, neighbour = known(house, 1, key="a"), known(house, 2)
    known(house, 1, tinh_trang_hdkt="1", cong_viec_cu_the="Thủ quỹ")
    boxes = house.world.rows(schema.entries)
    wrapped = {row.key_id: row.wrapped for row in house.world.rows(schema.data_keys)}
    house.erase(worker)
    left = {row.key_id for row in house.world.rows(schema.data_keys)}
    assert {row.worker_id for row in house.world.rows(schema.data_keys)} == {neighbour}
    assert left < set(wrapped)
    assert {row.worker_id for row in house.world.rows(schema.worker_identifiers)} == {neighbour}
    assert {row.worker_id for row in house.world.rows(schema.observations)} == {neighbour}
    emptied = [row for row in house.world.rows(schema.entries) if row.worker_id == worker]
    assert len(emptied) == len([row for row in boxes if row.worker_id == worker]) > 0
    assert {bytes(row.sealed) for row in emptied} == {b""}
    assert HistoryReader(house.world.database, house.world.vault).observations(worker, 0, 10) == []
    assert house.world.records.read([neighbour])[neighbour].record.groups["basic"]["personal_number"] == number(2)


def test_the_last_event_says_erased_and_what_was_published_cannot_be_opened(house: Erasure) -> None:
    worker = known(house)
    house.erase(worker)
    first, last = house.world.events(worker)
    read = WorkerEvent.model_validate(last)
    assert (read.type, read.sequence, read.data.groups) == ("vn.laichau.lgsp.worker.erased", 2, {})
    kept = {row.key_id for row in house.world.rows(schema.data_keys)}
    assert first["data"]["identity"]["key_id"] not in kept
    assert last["data"]["identity"]["key_id"] not in kept
    assert [row.worker_id for row in house.world.rows(schema.pending)] == [worker, worker]


@pytest.mark.parametrize("door", ["form", "population", "social_insurance", "key heard before"])
def test_whoever_was_erased_comes_back_by_no_door(house: Erasure, door: str) -> None:
    worker = known(house, key="first")
    house.erase(worker)
    before = house.world.counts()
    groups = {"basic": basic(1)}
    again = {
        "form": submission(1, key="second"),
        "population": statement("population", groups),
        "social_insurance": statement("social_insurance", groups),
        "key heard before": submission(1, key="first", ho_ten="LÒ THỊ THỬNGHIỆM KHÁC"),
    }[door]
    receipt = house.world.one(again)
    assert receipt.state == "refused"
    assert receipt.id is None
    assert house.world.counts() == before
    assert receipt.problem == ("key-reused-with-other-body" if door == "key heard before" else "person-erased")


def test_others_of_the_same_request_are_stored(house: Erasure) -> None:
    house.erase(known(house))
    erased, other = house.world.receive(submission(1), submission(2))
    assert (erased.problem, other.state) == ("person-erased", "accepted")
    assert {row.worker_id for row in house.world.rows(schema.worker_identifiers)} == {other.worker_id}


def test_an_entry_in_doubt_about_the_person_is_ended_and_its_key_goes(house: Erasure) -> None:
    doubted = house.world.one(submission(1, ho_ten="LÒ THỊ THỬNGHIỆM KHÁC", ngay_sinh="1970-01-01"))
    worker = known(house, 2)
    assert doubted.state == "accepted"
    quarantined = house.world.one(submission(1, ho_ten="GIÀNG A THỬNGHIỆM", ngay_sinh="1991-02-03"))
    assert quarantined.state == "quarantined"
    assert doubted.worker_id is not None
    house.erase(doubted.worker_id)
    (row,) = [row for row in house.world.rows(schema.entries) if row.entry_id == quarantined.id]
    assert (row.state, bytes(row.sealed), row.decided_by) == ("rejected", b"", "second")
    assert {one.worker_id for one in house.world.rows(schema.data_keys)} == {worker}


def test_a_restored_database_is_erased_again_at_the_next_start(house: Erasure) -> None:
    worker, neighbour = known(house), known(house, 2)
    saved = {table: [dict(row._mapping) for row in house.world.rows(table)] for table in schema.metadata.sorted_tables}
    house.erase(worker)
    with house.world.database.write() as connection:
        for table, rows in saved.items():
            connection.execute(table.delete())
            if rows:
                connection.execute(insert(table), rows)
    assert worker in house.world.records.read([worker])
    assert house.fresh_start() == 1
    assert not house.world.records.read([worker])
    assert house.world.records.read([neighbour])
    assert house.world.one(submission(1)).problem == "person-erased"
    assert house.fresh_start() == 0


def test_an_erasure_that_was_broken_off_behind_the_ledger_is_finished(house: Erasure) -> None:
    worker = known(house)
    house.ledger.append(
        Erased("2026-07-06T00:00:00.000000Z", frozenset({house.world.vault.erasure_mark("worker", worker)}))
    )
    assert house.fresh_start() == 1
    assert not house.world.records.read([worker])


def test_without_a_ledger_nobody_is_erased(house: Erasure) -> None:
    worker = known(house)
    asked = house.room.request(worker, PURPOSE, FIRST)
    house.ledger.path.parent.write_text("a file where the folder should be")
    with pytest.raises(Busy):
        house.room.confirm(asked.id, SECOND)
    assert house.world.records.read([worker])
    with house.world.database.read() as connection:
        assert [one.state for one in approvals.newest(connection, ["people:erase"], "2026")] == ["requested"]


def test_the_ledger_names_nobody(house: Erasure) -> None:
    worker = known(house)
    house.erase(worker)
    text = house.ledger.path.read_text("utf-8")
    assert worker not in text
    assert number(1) not in text
    (line,) = text.splitlines()
    assert set(orjson.loads(line)) == {"at", "marks"}
    assert house.ledger.path.stat().st_mode & 0o777 == 0o600


def test_a_line_without_an_end_is_no_line_and_does_not_spoil_the_next(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "erasures.jsonl")
    one, other = Erased("2026", frozenset({b"1" * 32})), Erased("2027", frozenset({b"2" * 32}))
    ledger.append(one)
    with ledger.path.open("a") as file:
        file.write('{"at": "2026", "ma')
    assert ledger.read() == [one]
    ledger.append(other)
    assert ledger.read() == [one, other]


def test_a_ledger_that_somebody_damaged_stops_the_start(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "erasures.jsonl")
    ledger.path.write_text("not a line of ours\n")
    with pytest.raises(KeysUnusable):
        ledger.read()


def test_who_asked_and_who_confirmed_is_told(house: Erasure) -> None:
    worker = known(house)
    house.erase(worker)
    told = [row for row in house.world.rows(schema.audit_rows) if row.action.startswith("worker:eras")]
    assert [(row.action, row.actor, row.subject) for row in told] == [
        ("worker:erasure_requested", "first", worker),
        ("worker:erased", "second", worker),
    ]
    assert orjson.loads(told[1].detail)["requested_by"] == "first"


def test_a_box_kept_elsewhere_stays_shut(house: Erasure) -> None:
    worker = known(house)
    (entry,) = house.world.rows(schema.entries)
    house.erase(worker)
    fresh, _ = house.world.vault.new_key()
    with pytest.raises(CannotOpen):
        fresh.open(bytes(entry.sealed), table="entries", row=entry.entry_id, fields="fields")


def test_entries_that_arrive_while_the_person_is_erased_bring_nobody_back(house: Erasure) -> None:
    """Whichever comes first, afterwards there is no record and no key of the person."""
    people = [known(house, at) for at in range(1, 9)]
    asked = [house.room.request(worker, PURPOSE, FIRST) for worker in people]
    with ThreadPoolExecutor(4) as threads:
        erased = [threads.submit(house.room.confirm, one.id, SECOND) for one in asked]
        for turn in range(3):
            house.world.receive(*(submission(at, cong_viec_cu_the=f"Việc {turn}") for at in range(1, 9)))
        for one in erased:
            one.result()
    assert house.world.rows(schema.workers) == []
    assert house.world.rows(schema.worker_identifiers) == []
    assert house.world.rows(schema.observations) == []
    assert house.world.rows(schema.data_keys) == []
    refused = house.world.receive(*(submission(at) for at in range(1, 9)))
    assert {one.problem for one in refused} == {"person-erased"}


def test_requirement_43_many_confirmations_at_once_have_one_effect(house: Erasure) -> None:
    asked = house.room.request(known(house), PURPOSE, FIRST)

    def confirm(_: int) -> str:
        try:
            house.room.confirm(asked.id, SECOND)
        except Conflict as error:
            return error.code
        return "erased"

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(confirm, range(8)))
    assert answers == ["approval-already-decided"] * 7 + ["erased"]
    assert len(house.ledger.read()) == 1
