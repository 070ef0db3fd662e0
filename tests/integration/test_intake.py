"""`Intake.receive` on both databases: what an entry becomes, and whom it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.entry import Receipt
from gateway.intake import Submission
from gateway.store import schema
from tests.intake_world import (
    IN_DOUBT,
    NAME,
    World,
    basic,
    insurance_number,
    number,
    statement,
    submission,
    world,
)

BY_CMND: dict[str, Any] = {"so_dinh_danh": "045123456", "ma_so_bhxh": None}


@pytest.fixture
def house(database_url: str) -> Iterator[World]:
    with world(database_url, threads=4) as built:
        yield built


def rules(receipt: Receipt) -> set[str]:
    return {finding.rule for finding in receipt.findings}


def test_a_first_entry_makes_a_person_at_version_one(house: World) -> None:
    receipt = house.one(submission(1))
    assert (receipt.state, receipt.version, receipt.problem) == ("accepted", 1, None)
    record = house.worker(receipt).record
    assert record.value("basic", "full_name") == NAME
    assert record.value("insurance", "social_insurance_number") == insurance_number(1)
    (event,) = house.events(receipt.worker_id)
    assert (event["type"], event["sequence"], event["causationid"]) == (
        "vn.laichau.lgsp.worker.created",
        1,
        receipt.id,
    )
    grown = {name: count for name, count in house.counts().items() if count}
    assert grown == {
        "data_keys": 1,
        "workers": 1,
        "worker_identifiers": 3,
        "entries": 1,
        "observations": 1,
        "events": 1,
        "pending": 1,
        "audit_rows": 1,
        "receipt_batches": 1,
    }
    assert house.woken


def test_a_later_entry_with_something_new_makes_the_next_version(house: World) -> None:
    first = house.one(submission(1))
    later = house.clock.go_on()
    second = house.one(submission(1, declared_on="2026-07-06", cong_viec_cu_the="Kế toán trưởng"))
    assert (second.state, second.worker_id, second.version) == ("accepted", first.worker_id, 2)
    assert [event["data"]["changed"] for event in house.events(first.worker_id)][1] == ["situation"]
    assert house.worker(first).record.value("situation", "job_title") == "Kế toán trưởng"
    assert house.worker(first).changed_at == later


def test_an_entry_with_nothing_new_makes_no_version_and_no_event_but_is_kept(house: World) -> None:
    first = house.one(submission(1))
    before = house.worker(first)
    later = house.clock.go_on()
    second = house.one(submission(1, declared_on="2026-07-06"))
    assert (second.state, second.version) == ("unchanged", 1)
    assert second.id != first.id
    assert (house.count(schema.entries), house.count(schema.observations), house.count(schema.events)) == (2, 2, 1)
    after = house.worker(first)
    assert after.changed_at == before.changed_at
    assert after.record.provenance["situation"].as_of == "2026-07-06"
    assert after.record.provenance["situation"].confirmed_at == later


def test_a_late_entry_changes_no_value_and_says_so(house: World) -> None:
    first = house.one(submission(1))
    late = house.one(submission(1, declared_on="2026-01-05", cong_viec_cu_the="Thợ xây"))
    assert late.state == "unchanged"
    assert "SONG-101" in rules(late)
    assert house.worker(first).record.value("situation", "job_title") == "Kế toán viên"


def test_entries_of_one_person_in_one_slice_make_one_version_after_the_other(house: World) -> None:
    jobs = [f"Công việc {at}" for at in range(6)]
    receipts = house.receive(
        *(submission(1, declared_on=f"2026-07-0{at + 1}", cong_viec_cu_the=job) for at, job in enumerate(jobs))
    )
    assert [receipt.version for receipt in receipts] == [1, 2, 3, 4, 5, 6]
    assert len({receipt.worker_id for receipt in receipts}) == 1
    assert [event["sequence"] for event in house.events(receipts[0].worker_id)] == [1, 2, 3, 4, 5, 6]
    assert [event["data"]["groups"]["situation"]["job_title"] for event in house.events(receipts[0].worker_id)] == jobs


def test_more_entries_than_a_slice_takes_are_answered_in_order(house: World) -> None:
    receipts = house.receive(*(submission(at, key=f"row-{at}") for at in range(1, 301)))
    assert [receipt.key for receipt in receipts] == [f"row-{at}" for at in range(1, 301)]
    assert {receipt.state for receipt in receipts} == {"accepted"}
    assert house.count(schema.workers) == 300


def test_an_entry_that_a_rule_doubts_waits_before_the_record(house: World) -> None:
    receipt = house.one(submission(1, **IN_DOUBT))
    assert (receipt.state, receipt.worker_id, receipt.version) == ("quarantined", None, None)
    assert "refuse" in {finding.severity for finding in receipt.findings}
    counts = house.counts()
    assert (counts["entries"], counts["data_keys"], counts["audit_rows"]) == (1, 1, 1)
    assert (counts["workers"], counts["worker_identifiers"], counts["events"], counts["observations"]) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("refused", "problem"),
    [
        (submission(1, declared_on="2026-07-07"), "future-date"),
        (submission(1, tuoi="31"), "unknown-field"),
        (submission(1, ho_ten="LÒ\x00THỊ"), "nul-character"),
        (statement("population", {"basic": basic(1)}, as_of="2026-07-07"), "future-date"),
    ],
)
def test_a_refused_entry_is_not_stored(house: World, refused: Submission, problem: str) -> None:
    receipt = house.one(refused)
    assert (receipt.state, receipt.problem, receipt.id) == ("refused", problem, None)
    assert not any(house.counts().values())


def test_today_in_viet_nam_is_no_future_date(house: World) -> None:
    assert house.one(submission(1, declared_on="2026-07-06")).state == "accepted"


def test_the_social_insurance_number_of_another_person_is_doubted_and_makes_nobody(house: World) -> None:
    first = house.one(submission(1))
    second = house.one(submission(2, ma_so_bhxh=insurance_number(1)))
    assert second.state == "quarantined"
    assert "SACH-102" in rules(second)
    assert house.count(schema.workers) == 1
    assert {owner for _, owner in house.current_identifiers()} == {first.worker_id}
    assert house.one(submission(2)).state == "accepted"


def test_two_people_of_one_slice_with_one_social_insurance_number_are_not_both_accepted(house: World) -> None:
    receipts = house.receive(submission(1), submission(2, ma_so_bhxh=insurance_number(1)))
    assert [receipt.state for receipt in receipts] == ["accepted", "quarantined"]
    assert {owner for _, owner in house.current_identifiers()} == {receipts[0].worker_id}


def test_a_mistyped_number_writes_into_no_strangers_record(house: World) -> None:
    first = house.one(submission(1))
    mistyped = house.one(submission(1, ho_ten="GIÀNG A PÁO", ngay_sinh="1980-01-02", ma_so_bhxh=None))
    assert mistyped.state == "quarantined"
    assert "SACH-101" in rules(mistyped)
    assert house.worker(first).record.version == 1


def test_a_person_with_a_cmnd_alone_is_made_once(house: World) -> None:
    first, second = house.one(submission(1, **BY_CMND)), house.one(submission(1, **BY_CMND))
    assert (first.state, second.state) == ("accepted", "unchanged")
    assert first.worker_id == second.worker_id


def test_a_cmnd_under_another_name_is_doubted(house: World) -> None:
    house.one(submission(1, **BY_CMND))
    other = house.one(submission(2, ho_ten="GIÀNG A PÁO", **BY_CMND))
    assert other.state == "quarantined"
    assert "SACH-103" in rules(other)
    assert house.count(schema.workers) == 1


def test_a_cmnd_under_two_names_in_one_slice_is_doubted(house: World) -> None:
    receipts = house.receive(submission(1, **BY_CMND), submission(2, ho_ten="GIÀNG A PÁO", **BY_CMND))
    assert [receipt.state for receipt in receipts] == ["accepted", "quarantined"]
    assert {owner for _, owner in house.current_identifiers()} == {receipts[0].worker_id}


@pytest.mark.parametrize("together", [True, False])
def test_a_person_known_by_cmnd_who_shows_the_personal_number_stays_one_person(house: World, together: bool) -> None:
    by_cmnd = submission(1, **BY_CMND)
    both = statement("population", {"basic": basic(1, cmnd="045123456")})
    receipts = house.receive(by_cmnd, both) if together else [house.one(by_cmnd), house.one(both)]
    assert [receipt.state for receipt in receipts] == ["accepted", "accepted"]
    assert receipts[0].worker_id == receipts[1].worker_id
    assert house.count(schema.workers) == 1
    assert {owner for _, owner in house.current_identifiers()} == {receipts[0].worker_id}
    assert house.one(submission(1)).worker_id == receipts[0].worker_id


def test_a_person_met_by_both_numbers_before_the_cmnd_alone_in_one_slice_is_one_person(house: World) -> None:
    both = statement("population", {"basic": basic(1, cmnd="045123456")})
    receipts = house.receive(both, submission(1, **BY_CMND))
    assert receipts[0].worker_id == receipts[1].worker_id
    assert house.count(schema.workers) == 1
    assert Counter(kind for kind, _ in house.current_identifiers()) == {
        "personal_number": 1,
        "cmnd": 1,
        "cmnd_person": 1,
        "name_birth": 1,
    }


def test_two_people_with_both_their_numbers_in_one_entry_are_never_merged(house: World) -> None:
    house.one(submission(1, **BY_CMND))
    house.one(submission(1, ma_so_bhxh=None))
    both = house.one(statement("population", {"basic": basic(1, cmnd="045123456")}))
    assert both.state == "quarantined"
    assert "SACH-102" in rules(both)


def test_a_new_number_with_the_cmnd_of_a_person_who_has_one_is_doubted(house: World) -> None:
    house.one(statement("population", {"basic": basic(1, cmnd="045123456")}))
    other = house.one(statement("population", {"basic": basic(2, cmnd="045123456")}))
    assert other.state == "quarantined"
    assert house.count(schema.workers) == 1


def test_a_social_insurance_number_that_changed_is_free_again(house: World) -> None:
    first = house.one(submission(1))
    changed = {"basic": {"personal_number": number(1)}, "insurance": {"social_insurance_number": insurance_number(9)}}
    assert house.one(statement("social_insurance", changed)).worker_id == first.worker_id
    second = house.one(submission(2, ma_so_bhxh=insurance_number(1)))
    assert second.state == "accepted"
    assert second.worker_id != first.worker_id


def test_a_statement_finds_its_person_by_the_social_insurance_number_alone(house: World) -> None:
    first = house.one(submission(1))
    said = {"insurance": {"social_insurance_number": insurance_number(1), "participation": "2"}}
    receipt = house.one(statement("social_insurance", said))
    assert (receipt.state, receipt.worker_id, receipt.version) == ("accepted", first.worker_id, 2)


def test_a_verified_statement_makes_a_version_though_no_value_changes(house: World) -> None:
    first = house.one(submission(1))
    record = house.worker(first).record
    receipt = house.one(statement("population", {"basic": record.groups["basic"]}, verified=True))
    assert (receipt.state, receipt.version) == ("accepted", 2)
    assert house.worker(first).record.identity_verified
    again = house.one(statement("population", {"basic": record.groups["basic"]}, as_of="2026-07-06", verified=True))
    assert (again.state, again.version) == ("unchanged", 2)
