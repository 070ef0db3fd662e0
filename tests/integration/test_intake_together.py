"""Many entries at once: senders' keys, writers that meet, and one entry's fault that is no other's."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from contracts.entry import Receipt, Report
from gateway.errors import Busy
from gateway.intake import Submission
from gateway.intake.gather import Gathering
from gateway.store import schema
from tests.intake_world import (
    IN_DOUBT,
    World,
    address,
    basic,
    statement,
    submission,
    world,
)


@pytest.fixture
def house(database_url: str) -> Iterator[World]:
    with world(database_url, threads=4) as built:
        yield built


def at_once(house: World, slices: list[list[Submission]]) -> list[list[Receipt]]:
    """Each slice in a thread of its own, all starting together."""
    together = Barrier(len(slices))

    def write(submissions: list[Submission]) -> list[Receipt]:
        together.wait()
        return house.intake.receive_slice(submissions)

    with ThreadPoolExecutor(len(slices)) as pool:
        return list(pool.map(write, slices))


def test_the_same_key_with_the_same_body_gets_the_same_receipt(house: World) -> None:
    first, second = house.one(submission(1, key="k")), house.one(submission(1, key="k"))
    assert first == second
    assert first.key == second.key == "k"
    assert house.count(schema.entries) == 1


def test_the_receipt_of_a_quarantined_entry_is_repeated_with_its_findings(house: World) -> None:
    first, second = (house.one(submission(1, key="k", **IN_DOUBT)) for _ in range(2))
    assert first == second
    assert first.findings
    assert house.count(schema.entries) == 1


def test_the_same_key_with_another_body_is_refused(house: World) -> None:
    house.one(submission(1, key="k"))
    other = house.one(submission(1, key="k", dan_toc="01"))
    assert (other.state, other.problem, other.key) == ("refused", "key-reused-with-other-body", "k")
    assert house.count(schema.entries) == 1


def test_the_same_key_on_another_day_is_another_body(house: World) -> None:
    house.one(submission(1, key="k"))
    assert house.one(submission(1, key="k", declared_on="2026-07-04")).problem == "key-reused-with-other-body"


def test_a_key_belongs_to_its_sender(house: World) -> None:
    receipts = house.receive(submission(1, key="k"), submission(2, key="k", sender="another"))
    assert [receipt.state for receipt in receipts] == ["accepted", "accepted"]


def test_a_refused_entry_uses_up_no_key(house: World) -> None:
    assert house.one(submission(1, key="k", declared_on="2027-01-01")).state == "refused"
    assert house.one(submission(1, key="k")).state == "accepted"


def test_a_key_twice_in_one_request_is_one_entry_or_a_refusal(house: World) -> None:
    receipts = house.receive(
        submission(1, key="k"), submission(1, key="k"), submission(2, key="k"), submission(3, key="m")
    )
    assert receipts[0] == receipts[1]
    assert (receipts[2].state, receipts[2].problem) == ("refused", "key-twice-in-request")
    assert receipts[3].state == "accepted"
    assert house.count(schema.entries) == 2


def test_many_who_send_one_key_at_once_get_one_receipt(house: World) -> None:
    answers = at_once(house, [[submission(1, key="k")] for _ in range(12)])
    assert len({receipt.id for (receipt,) in answers}) == 1
    assert house.count(schema.entries) == 1


def test_a_person_whom_many_submit_at_once_is_one_person_with_versions_without_gaps(house: World) -> None:
    slices = [[submission(1, cong_viec_cu_the=f"Công việc {at}")] for at in range(20)]
    receipts = [receipt for (receipt,) in at_once(house, slices)]
    assert len({receipt.worker_id for receipt in receipts}) == 1
    assert sorted(receipt.version or 0 for receipt in receipts if receipt.state == "accepted") == [
        event["sequence"] for event in house.events(receipts[0].worker_id)
    ]
    versions = [event["sequence"] for event in house.events(receipts[0].worker_id)]
    assert versions == list(range(1, len(versions) + 1))
    assert house.worker(receipts[0]).record.version == len(versions)
    assert (house.count(schema.workers), house.count(schema.observations)) == (1, 20)


def test_slices_that_meet_the_same_newcomers_in_any_order_make_each_once(house: World) -> None:
    people = list(range(1, 41))
    orders = [people, people[::-1], people[20:] + people[:20], people[1::2] + people[::2]]
    slices = [[submission(at, cong_viec_cu_the=f"Thợ {turn}") for at in order] for turn, order in enumerate(orders)]
    answers = [receipt for receipts in at_once(house, slices) for receipt in receipts]
    assert {receipt.state for receipt in answers} <= {"accepted", "unchanged"}
    assert house.count(schema.workers) == len(people)
    assert house.count(schema.entries) == len(people) * len(orders)
    assert Counter(kind for kind, _ in house.current_identifiers())["personal_number"] == len(people)


def test_the_two_numbers_of_a_newcomer_met_at_once_make_one_person_or_a_doubt(house: World) -> None:
    by_cmnd = [submission(1, so_dinh_danh="045123456", ma_so_bhxh=None)]
    both = [statement("population", {"basic": basic(1, cmnd="045123456")})]
    receipts = [receipt for (receipt,) in at_once(house, [by_cmnd, both] * 4)]
    assert {receipt.state for receipt in receipts} <= {"accepted", "unchanged"}
    assert house.count(schema.workers) == 1


def test_single_submissions_that_arrive_together_share_slices(house: World) -> None:
    sizes: list[int] = []

    def counted(submissions: Any) -> list[Receipt]:
        sizes.append(len(submissions))
        return house.intake.receive_slice(submissions)

    async def submit() -> list[Receipt]:
        with ThreadPoolExecutor(1) as pool:
            gathering = Gathering(counted, pool, 1, 256)
            receipts = await asyncio.gather(*(gathering.submit(submission(at)) for at in range(1, 101)))
            await gathering.drain()
            return receipts

    receipts = asyncio.run(submit())
    assert len({receipt.worker_id for receipt in receipts}) == 100
    assert sum(sizes) == 100
    assert len(sizes) < 10


def test_an_entry_that_cannot_be_stored_fails_no_other(house: World) -> None:
    slice_ = [submission(at) for at in range(1, 33)]
    slice_[13] = submission(14, sender="\ud800")
    receipts = house.receive(*slice_)
    assert (receipts[13].state, receipts[13].problem) == ("refused", "not-storable")
    assert {receipt.state for receipt in receipts[:13] + receipts[14:]} == {"accepted"}
    assert house.count(schema.entries) == house.count(schema.workers) == 31


def test_a_nul_that_reaches_the_database_fails_no_other(house: World) -> None:
    slice_ = [submission(at) for at in range(1, 9)]
    slice_[5] = submission(6, sender="com\x00mune")
    receipts = house.receive(*slice_)
    assert {receipt.state for receipt in receipts[:5] + receipts[6:]} == {"accepted"}
    # SQLite keeps a NUL in a text; PostgreSQL has no such text.
    assert receipts[5].problem == (None if house.database.is_sqlite else "not-storable")


@pytest.mark.parametrize("detail", ["\ud800", 2**70, object(), "\x00"])
def test_a_statement_that_is_no_json_fails_no_other(house: World, detail: Any) -> None:
    broken = statement(
        "population", {"basic": basic(2), "residence": {"current": {"commune": "03388", "detail": detail}}}
    )
    receipts = house.receive(submission(1), broken, submission(3))
    assert [receipt.state for receipt in receipts[::2]] == ["accepted", "accepted"]
    if detail != "\x00":
        assert receipts[1].problem == "not-storable"


def test_a_report_that_cannot_be_hashed_fails_no_other(house: World) -> None:
    report = Report("labour_market", "change-1", {"luong": 1.5})
    broken = statement("labour_market", {"basic": basic(2)}, report=report)
    receipts = house.receive(submission(1), broken, submission(3))
    assert [receipt.state for receipt in receipts] == ["accepted", "refused", "accepted"]
    assert house.count(schema.target_states) == 0


def test_a_record_that_does_not_open_fails_only_entries_about_that_person(house: World) -> None:
    first, second = house.receive(submission(1), submission(2))
    with house.database.write() as connection:
        damaged = update(schema.workers).where(schema.workers.c.worker_id == first.worker_id)
        connection.execute(damaged.values(sealed=b"damaged"))
    changes = {"declared_on": "2026-07-06", "cong_viec_cu_the": "Kế toán trưởng"}
    receipts = house.receive(*(submission(at, **changes) for at in (3, 1, 2)))
    assert [receipt.problem for receipt in receipts] == [None, "not-storable", None]
    assert house.worker(second).record.version == 2


def test_a_commune_code_that_is_none_does_not_stop_an_entry(house: World) -> None:
    receipt = house.one(submission(1, thuong_tru=address(commune="0338800"), noi_o_hien_tai=None))
    assert receipt.state == "accepted"
    assert house.worker(receipt).commune is None


def _make_read_only(house: World) -> None:
    if house.database.is_sqlite:
        connection = house.database.engine.raw_connection()
        connection.cursor().execute("PRAGMA query_only=ON")
        connection.close()
        return
    with house.database.write() as writing:
        name = writing.engine.url.database
        writing.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    house.database.engine.dispose()


def test_a_database_that_takes_no_writes_says_busy_and_blames_no_entry(house: World) -> None:
    house.database.engine.dispose()
    _make_read_only(house)
    with pytest.raises(Busy):
        house.receive(submission(1), submission(2))
    assert house.count(schema.entries) == 0


def test_a_database_that_cannot_be_reached_says_busy(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any) -> Any:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr(house.database.engine, "connect", unreachable)
    with pytest.raises(Busy):
        house.one(submission(1, key="k"))
    monkeypatch.undo()
    assert house.one(submission(1, key="k")).state == "accepted"
