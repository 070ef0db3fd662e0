"""What a person decides on entries in doubt, what a target reports, and what nobody may read in the tables."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from contracts.entry import Report
from gateway.errors import Conflict, ContractViolated, NotFound
from gateway.security.sealing import CannotOpen
from gateway.store import schema
from gateway.store.entries import EntryReader
from tests.intake_world import (
    BIRTH_DATE,
    IN_DOUBT,
    NAME,
    OFFICER,
    STREET,
    World,
    basic,
    insurance_number,
    number,
    statement,
    submission,
    world,
)


@pytest.fixture
def house(database_url: str) -> Iterator[World]:
    with world(database_url, threads=4) as built:
        yield built


def test_releasing_merges_the_entry_and_gives_its_key_to_the_person(house: World) -> None:
    waiting = house.one(submission(1, key="k", **IN_DOUBT))
    receipt = house.release(waiting)
    assert (receipt.id, receipt.state, receipt.version) == (waiting.id, "accepted", 1)
    assert house.worker(receipt).record.value("basic", "full_name") == NAME
    (entry,) = house.rows(schema.entries)
    assert (entry.state, entry.worker_id, entry.version, entry.decided_by) == (
        "accepted",
        receipt.worker_id,
        1,
        OFFICER.name,
    )
    assert {row.worker_id for row in house.rows(schema.data_keys)} == {receipt.worker_id}
    assert [row.action for row in house.rows(schema.audit_rows)] == ["entry:quarantined", "entry:released"]
    assert house.one(submission(1, key="k", **IN_DOUBT)) == waiting


def test_a_released_statement_speaks_of_the_day_it_was_made_and_stays_verified(house: World) -> None:
    doubted = {"basic": basic(1), "situation": {"activity": "9"}}
    waiting = house.one(statement("population", doubted, as_of="2026-05-01", verified=True))
    assert waiting.state == "quarantined"
    record = house.worker(house.release(waiting)).record
    assert (record.provenance["basic"].as_of, record.identity_verified) == ("2026-05-01", True)


def test_a_release_does_not_overtake_what_was_said_since(house: World) -> None:
    waiting = house.one(submission(1, **IN_DOUBT))
    house.one(submission(1, declared_on="2026-07-06"))
    receipt = house.release(waiting)
    assert (receipt.state, receipt.version) == ("unchanged", 1)
    assert house.worker(receipt).record.value("situation", "activity") == "1"


def test_releasing_twice_is_a_conflict(house: World) -> None:
    waiting = house.one(submission(1, **IN_DOUBT))
    house.release(waiting)
    with pytest.raises(Conflict, match="quarantine-already-decided"):
        house.release(waiting)


def test_of_many_releases_at_once_one_succeeds(house: World) -> None:
    waiting = house.one(submission(1, **IN_DOUBT))
    together = Barrier(6)

    def release(_: int) -> str:
        together.wait()
        try:
            return house.release(waiting).state
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        answers = Counter(pool.map(release, range(6)))
    assert answers == {"accepted": 1, "quarantine-already-decided": 5}
    assert (house.count(schema.events), house.count(schema.observations)) == (1, 1)


def test_a_release_that_is_still_about_two_people_is_a_conflict_and_waits_on(house: World) -> None:
    house.one(submission(1))
    waiting = house.one(submission(2, ma_so_bhxh=insurance_number(1)))
    before = house.counts()
    with pytest.raises(Conflict, match="identity-ambiguous") as refusal:
        house.release(waiting)
    assert "SACH-102" in refusal.value.fields
    assert house.counts() == before
    assert [one.entry_id for one in house.quarantine.waiting(None, 10, OFFICER)] == [waiting.id]


def test_a_rejected_entry_merges_nothing_and_cannot_be_released(house: World) -> None:
    waiting = house.one(submission(1, **IN_DOUBT))
    assert waiting.id
    house.quarantine.reject(waiting.id, OFFICER, "không liên hệ được")
    assert house.quarantine.waiting(None, 10, OFFICER) == []
    assert house.count(schema.workers) == 0
    with pytest.raises(Conflict):
        house.release(waiting)
    with pytest.raises(Conflict):
        house.quarantine.reject(waiting.id, OFFICER, "lần nữa")


@pytest.mark.parametrize("decided", ["released", "rejected"])
def test_why_it_was_decided_is_sealed_and_ends_with_the_persons_key(house: World, decided: str) -> None:
    """Requirement 35: people write names and numbers into a reason."""
    reason = f"Đã gặp {NAME}, số {number(1)}"
    waiting = house.one(submission(1, **IN_DOUBT))
    assert waiting.id
    if decided == "released":
        house.release(waiting, reason)
    else:
        house.quarantine.reject(waiting.id, OFFICER, reason)
    (row,) = house.rows(schema.entries)
    assert NAME not in str(row)
    assert number(1) not in str(row)
    reader = EntryReader(house.database, house.vault)
    told = reader.get(waiting.id)
    assert told is not None
    assert told.decision == {"decision": decided, "reason": reason}
    with house.database.write() as connection:
        connection.execute(schema.data_keys.delete())
    erased = reader.get(waiting.id)
    assert erased is not None
    assert erased.decision == {"decision": decided}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_decision_needs_a_reason(house: World, reason: str) -> None:
    waiting = house.one(submission(1, **IN_DOUBT))
    with pytest.raises(ContractViolated, match="reason-missing"):
        house.release(waiting, reason)


def test_what_is_not_in_quarantine_cannot_be_decided(house: World) -> None:
    accepted = house.one(submission(1))
    with pytest.raises(Conflict):
        house.release(accepted)
    with pytest.raises(NotFound):
        house.quarantine.release("0190a6c0-0000-7000-8000-000000000000", OFFICER, "lý do")


def test_a_report_is_stored_as_what_the_target_holds_even_when_it_changes_nothing(house: World) -> None:
    person = house.one(submission(1))
    held = {"ho_ten": NAME, "viec_lam": "Thợ xây"}
    report = Report("labour_market", "change-1", held)  # type: ignore[arg-type]  # a view is JSON
    late = statement(
        "labour_market",
        {"basic": {"personal_number": number(1)}, "situation": {"activity": "1", "job_title": "Thợ xây"}},
        as_of="2020-01-01",
        report=report,
    )
    receipt = house.one(late)
    assert receipt.worker_id == person.worker_id
    (row,) = house.rows(schema.target_states)
    key = house.worker(person).key
    assert (row.worker_id, row.target, row.state) == (person.worker_id, "labour_market", "settled")
    assert row.applied_hash == key.state_hash(held)  # type: ignore[arg-type]  # a view is JSON
    place = {"table": "target_states", "row": f"{person.worker_id}/labour_market", "fields": "applied_view"}
    assert key.open(row.applied_view, **place) == held


def test_the_later_of_two_reports_in_one_slice_is_what_the_target_holds(house: World) -> None:
    reports = [Report("labour_market", f"change-{at}", {"at": at}) for at in range(2)]
    said = {"basic": {"personal_number": number(1)}}
    receipts = house.receive(submission(1), *(statement("labour_market", said, report=one) for one in reports))
    (row,) = house.rows(schema.target_states)
    assert row.applied_hash == house.worker(receipts[0]).key.state_hash({"at": 1})


def test_an_event_names_the_report_that_caused_it(house: World) -> None:
    person = house.one(submission(1))
    said = {"basic": {"personal_number": number(1)}, "needs": {"job_seeking": True}}
    house.one(statement("labour_market", said, report=Report("labour_market", "change-1", {"a": 1})))
    origin = house.events(person.worker_id)[-1]["data"]["origin"]
    assert origin == {"target": "labour_market", "held_hash": house.worker(person).key.state_hash({"a": 1}).hex()}


def test_nothing_that_identifies_a_person_stands_in_clear_in_any_table(house: World) -> None:
    first = house.one(submission(1, key="secret-key"))
    house.one(submission(1, declared_on="2026-07-06", cong_viec_cu_the="Kế toán trưởng"))
    house.one(submission(2, **IN_DOUBT))
    house.one(submission(3, ma_so_bhxh=insurance_number(1)))
    house.one(submission(4, so_dinh_danh="045123456", ma_so_bhxh=None))
    report = Report("labour_market", "change-1", {"ho_ten": NAME, "so_dinh_danh": number(1)})
    house.one(statement("labour_market", {"basic": basic(1)}, report=report))
    house.release(house.one(submission(5, **IN_DOUBT)))
    secrets = [
        NAME,
        BIRTH_DATE,
        STREET,
        "045123456",
        "secret-key",
        *map(number, range(1, 6)),
        *map(insurance_number, range(1, 6)),
    ]
    escaped = [ascii(secret)[1:-1] for secret in secrets]
    for name, table in schema.metadata.tables.items():
        for row in house.rows(table):
            for column, value in row._mapping.items():
                shown = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                whole = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                for secret in (*secrets, *escaped):
                    assert secret.lower() not in shown.lower(), f"{name}.{column}"
                    assert secret.lower() not in whole.lower(), f"{name}.{column}"
    assert house.worker(first).record.value("basic", "full_name") == NAME


def test_the_identity_of_an_event_opens_only_with_the_persons_key(house: World) -> None:
    first, second = house.receive(submission(1), submission(2))
    (event,) = house.events(first.worker_id)
    box = base64.b64decode(event["data"]["identity"]["box"])
    place = {"table": "event", "row": event["id"], "fields": "identity"}
    identity: Any = house.worker(first).key.open(box, **place)
    assert identity["basic"]["full_name"] == NAME
    assert event["data"]["identity"]["key_id"] == house.worker(first).key.key_id
    with pytest.raises(CannotOpen):
        house.worker(second).key.open(box, **place)
