"""The promises of `IntakeSlice`, kept by both writers alike."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, replace
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.golden import GroupStatement
from gateway.golden.stored import dump
from gateway.intake import Submission
from gateway.store import schema
from gateway.store.intake_rows import (
    AuditRow,
    DecisionRow,
    EntryRow,
    EventRow,
    IdentifierRow,
    KeyOwnerRow,
    KeyRow,
    NewcomerRow,
    NewWorkerRow,
    ObservationRow,
    ReportedRow,
    SliceRows,
    WorkerRow,
)
from gateway.store.intake_slice import IntakeSlice
from gateway.store.intake_store import IntakeStore
from tests.intake_world import World, counted_statements, submission, world

AT = "2026-07-06T01:00:00.000000Z"
CONFIRMED = '{"situation": "2026-07-06T01:00:00.000000Z"}'
WRITERS = 6


@pytest.fixture
def house(database_url: str) -> Iterator[World]:
    with world(database_url, threads=WRITERS) as built:
        yield built


@pytest.fixture
def store(house: World) -> IntakeStore:
    return IntakeStore(house.database, house.vault)


def new_id() -> str:
    return str(uuid.uuid4())


def newcomers(*indexes: bytes) -> list[NewcomerRow]:
    return [NewcomerRow(schema.PERSONAL_NUMBER, index, new_id(), AT) for index in sorted(indexes)]


def state(worker_id: str, version: int, job: str, *, job_at: str = "2026-07-05") -> WorkerRow:
    said = GroupStatement("form", job_at, False, "order", None, AT, {"activity": "1", "job_title": job})
    statements, _ = dump({"situation": {"form:nd318": said}})
    return WorkerRow(worker_id, version, statements, None, "03388", False, 100, 90, None, False, AT, CONFIRMED)


def newcomer(house: World, job: str = "thợ xây") -> tuple[NewWorkerRow, KeyRow]:
    key, wrapped = house.vault.new_key()
    worker_id = new_id()
    row = state(worker_id, 1, job)
    return NewWorkerRow(**asdict(row), key_id=key.key_id, created_at=AT), KeyRow(key.key_id, worker_id, wrapped)


def happened(worker_id: str, version: int) -> EventRow:
    return EventRow(new_id(), worker_id, version, "changed", AT, b"{}")


def entry(key: KeyRow, worker_id: str | None = None, **changes: object) -> EntryRow:
    row = EntryRow(
        entry_id=new_id(),
        sender="commune",
        key_index=None,
        body_digest=b"digest",
        received_at=AT,
        source="form",
        form="nd318",
        declared_on="2026-07-05",
        commune=None,
        state="accepted",
        worker_id=worker_id,
        version=None,
        replaces=None,
        envelope="{}",
        key_id=key.key_id,
        sealed=b"box",
        receipt="{}",
    )
    return replace(row, **changes)  # type: ignore[arg-type]  # named as the row's own columns


def audit() -> AuditRow:
    return AuditRow(AT, "commune", "entry:accepted", "subject", "success", "{}")


def made(house: World, store: IntakeStore, count: int = 1) -> list[str]:
    """Workers at version 1, stored."""
    people = [newcomer(house) for _ in range(count)]
    with store.slice() as opened:
        opened.write(SliceRows(keys=[key for _, key in people], new_workers=[row for row, _ in people]))
    return [row.worker_id for row, _ in people]


def fail_after(store: IntakeStore, act: Callable[[IntakeSlice], object]) -> None:
    with suppress(ZeroDivisionError), store.slice() as opened:
        act(opened)
        raise ZeroDivisionError


def enrol_unknown(opened: IntakeSlice, rows: list[NewcomerRow]) -> set[bytes]:
    known = {index for _, _, index, _ in opened.identifiers([row.index for row in rows], ())}
    return opened.enrol([row for row in rows if row.index not in known])


def test_enrolling_claims_every_unknown_anchor(store: IntakeStore) -> None:
    rows = newcomers(b"a", b"b", b"c")
    with store.slice() as opened:
        assert opened.enrol(rows) == {b"a", b"b", b"c"}
        found = {(kind, index, owner) for _, kind, index, owner in opened.identifiers([b"a", b"b", b"c"], ())}
    assert found == {(row.kind, row.index, row.worker_id) for row in rows}


def test_however_many_writers_meet_the_same_newcomers_each_is_claimed_once(store: IntakeStore) -> None:
    indexes = [bytes([at]) * 32 for at in range(40)]
    together = Barrier(WRITERS)

    def write(_: int) -> set[bytes]:
        together.wait()
        with store.slice() as opened:
            return enrol_unknown(opened, newcomers(*indexes))

    with ThreadPoolExecutor(WRITERS) as pool:
        claims = list(pool.map(write, range(WRITERS)))
    assert sorted(index for claimed in claims for index in claimed) == indexes
    with store.slice() as opened:
        assert len(opened.identifiers(indexes, ())) == len(indexes)


def test_a_claim_that_is_rolled_back_frees_the_anchor(store: IntakeStore) -> None:
    fail_after(store, lambda opened: opened.enrol(newcomers(b"a")))
    with store.slice() as opened:
        assert enrol_unknown(opened, newcomers(b"a")) == {b"a"}


def test_the_same_value_of_a_shared_kind_may_have_several_owners(store: IntakeStore) -> None:
    rows = [IdentifierRow(schema.NAME_BIRTH, b"name", new_id(), AT) for _ in range(2)]
    with store.slice() as opened:
        opened.write(SliceRows(identifiers=rows))
        assert len(opened.identifiers([b"name"], ())) == 2


def test_a_unique_identifier_has_one_current_owner(store: IntakeStore) -> None:
    for kind in schema.UNIQUE_KINDS:
        index = kind.encode()
        with store.slice() as opened:
            opened.write(SliceRows(identifiers=[IdentifierRow(kind, index, new_id(), AT)]))
        with pytest.raises(IntegrityError), store.slice() as opened:
            opened.write(SliceRows(identifiers=[IdentifierRow(kind, index, new_id(), AT)]))


def test_a_closed_identifier_is_free_for_another_in_the_same_write(store: IntakeStore) -> None:
    first, second = new_id(), new_id()
    with store.slice() as opened:
        opened.write(SliceRows(identifiers=[IdentifierRow(schema.SOCIAL_INSURANCE_NUMBER, b"si", first, AT)]))
        ((row_id, *_),) = opened.identifiers([b"si"], ())
        row = IdentifierRow(schema.SOCIAL_INSURANCE_NUMBER, b"si", second, AT)
        opened.write(SliceRows(closed_identifiers=[row_id], identifiers=[row], audit=[audit()]))
        assert [owner for *_, owner in opened.identifiers([b"si"], [first])] == [second]


def test_an_abandoned_newcomers_anchor_is_free_for_another_in_the_same_write(store: IntakeStore) -> None:
    (claimed,), known = newcomers(b"number"), new_id()
    with store.slice() as opened:
        opened.enrol([claimed])
        row = IdentifierRow(schema.PERSONAL_NUMBER, b"number", known, AT)
        opened.write(SliceRows(abandoned=[claimed.worker_id], identifiers=[row]))
    with store.slice() as opened:
        assert [owner for *_, owner in opened.identifiers([b"number"], ())] == [known]


def test_identifiers_are_found_by_index_or_by_owner_once(store: IntakeStore) -> None:
    owner = new_id()
    rows = [IdentifierRow(schema.PERSONAL_NUMBER, b"1", owner, AT), IdentifierRow(schema.CMND, b"2", owner, AT)]
    with store.slice() as opened:
        opened.write(SliceRows(identifiers=rows))
        found = opened.identifiers([b"1"], [owner])
        assert sorted((kind, index, who) for _, kind, index, who in found) == [
            ("cmnd", b"2", owner),
            ("personal_number", b"1", owner),
        ]
        assert opened.identifiers([], []) == []


def test_no_update_is_lost_between_writers_that_lock_and_then_read(house: World, store: IntakeStore) -> None:
    rounds, workers = 8, sorted(made(house, store, 3))
    together = Barrier(WRITERS)

    def raise_versions(_: int) -> None:
        together.wait()
        for _round in range(rounds):
            with store.slice() as opened:
                opened.lock(workers)
                read = opened.read(workers)
                rows = [state(one, read[one].record.version + 1, "thợ") for one in workers]
                opened.write(SliceRows(workers=rows, events=[happened(row.worker_id, row.version) for row in rows]))

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(raise_versions, range(WRITERS)))
    read = house.records.read(workers)
    assert {read[one].record.version for one in workers} == {1 + WRITERS * rounds}


def test_who_waited_for_the_lock_reads_what_the_other_has_written(house: World, store: IntakeStore) -> None:
    (worker_id,) = made(house, store)
    locked, waiting = Event(), Event()

    def second() -> object:
        locked.wait()
        waiting.set()
        with store.slice() as opened:
            opened.lock([worker_id])
            return opened.read([worker_id])[worker_id].record.value("situation", "job_title")

    with ThreadPoolExecutor(1) as pool:
        with store.slice() as opened:
            opened.lock([worker_id])
            locked.set()
            answer = pool.submit(second)
            waiting.wait()
            opened.write(SliceRows(workers=[state(worker_id, 2, "giáo viên")]))
        assert answer.result(timeout=30) == "giáo viên"


def test_newcomers_of_the_slice_are_not_among_the_workers_read(store: IntakeStore) -> None:
    (row,) = newcomers(b"a")
    with store.slice() as opened:
        opened.enrol([row])
        assert opened.read([row.worker_id]) == {}


def every_kind(house: World, known: str) -> SliceRows:
    fresh, key = newcomer(house)
    stored = entry(key, fresh.worker_id)
    return SliceRows(
        keys=[key],
        entries=[stored],
        observations=[
            ObservationRow(known, stored.entry_id, "form:nd318", "2026-07-05", AT, "{}", key.key_id, None, "[]")
        ],
        new_workers=[fresh],
        workers=[state(known, 2, "giáo viên")],
        identifiers=[IdentifierRow(schema.PERSONAL_NUMBER, b"fresh", fresh.worker_id, AT)],
        events=[happened(fresh.worker_id, 1), happened(known, 2)],
        reported=[ReportedRow(known, "population", AT, b"hash", key.key_id, b"box")],
        audit=[audit()],
    )


def test_a_write_stores_every_kind_of_row(house: World, store: IntakeStore) -> None:
    (known,) = made(house, store)
    before = house.counts()
    with store.slice() as opened:
        opened.write(every_kind(house, known))
    grown = {name: count - before[name] for name, count in house.counts().items() if count != before[name]}
    assert grown == {
        "data_keys": 1,
        "entries": 1,
        "observations": 1,
        "workers": 1,
        "worker_identifiers": 1,
        "events": 2,
        "pending": 2,
        "target_states": 1,
        "audit_rows": 1,
    }
    assert house.records.read([known])[known].record.version == 2


def test_a_write_that_fails_stores_nothing(house: World, store: IntakeStore) -> None:
    (known,) = made(house, store)
    rows = every_kind(house, known)
    rows.events.append(rows.events[-1])  # the same version twice
    before = house.counts()
    with pytest.raises(IntegrityError), store.slice() as opened:
        opened.write(rows)
    assert house.counts() == before
    assert house.records.read([known])[known].record.version == 1


def test_a_failure_after_the_write_stores_nothing(house: World, store: IntakeStore) -> None:
    (known,) = made(house, store)
    before = house.counts()
    fail_after(store, lambda opened: opened.write(every_kind(house, known)))
    assert house.counts() == before


def test_events_wait_in_the_order_in_which_they_were_given(house: World, store: IntakeStore) -> None:
    workers = made(house, store, 3)
    events = [happened(worker_id, version) for version in (2, 3) for worker_id in workers]
    for part in (events[:2], events[2:]):
        with store.slice() as opened:
            opened.write(SliceRows(events=part))
    stored = sorted(house.rows(schema.events), key=lambda row: row.id)
    assert [row.event_id for row in stored] == [row.event_id for row in events]
    waiting = sorted(house.rows(schema.pending), key=lambda row: row.id)
    assert [(row.id, row.worker_id) for row in waiting] == [(row.id, row.worker_id) for row in stored]


def test_an_update_changes_each_worker_and_nobody_else(house: World, store: IntakeStore) -> None:
    first, second, third = made(house, store, 3)
    with store.slice() as opened:
        opened.write(SliceRows(workers=[state(first, 2, "một"), state(second, 5, "hai")]))
    read = house.records.read([first, second, third])
    found = [
        (read[one].record.version, read[one].record.value("situation", "job_title")) for one in (first, second, third)
    ]
    assert found == [(2, "một"), (5, "hai"), (1, "thợ xây")]


def test_only_undecided_entries_are_still_quarantined_and_a_decision_ends_that(
    house: World, store: IntakeStore
) -> None:
    (worker_id,) = made(house, store)
    _, key = newcomer(house)
    waiting, accepted = entry(key, state="quarantined"), entry(key)
    both = [waiting.entry_id, accepted.entry_id]
    with store.slice() as opened:
        opened.write(SliceRows(keys=[replace(key, worker_id=None)], entries=[waiting, accepted]))
        assert opened.still_quarantined(both) == {waiting.entry_id}
        decision = DecisionRow(waiting.entry_id, "accepted", worker_id, 2, AT, "can-bo", "{}")
        opened.write(SliceRows(decisions=[decision], repointed_keys=[KeyOwnerRow(key.key_id, worker_id)]))
        assert opened.still_quarantined(both) == set()
    decided = {
        row.entry_id: (row.state, row.worker_id, row.version, row.decided_by) for row in house.rows(schema.entries)
    }
    assert decided[waiting.entry_id] == ("accepted", worker_id, 2, "can-bo")
    assert decided[accepted.entry_id] == ("accepted", None, None, None)
    assert {row.key_id: row.worker_id for row in house.rows(schema.data_keys)}[key.key_id] == worker_id


def test_a_senders_key_is_stored_once_and_heard_again(house: World, store: IntakeStore) -> None:
    _, key = newcomer(house)
    rows = SliceRows(entries=[entry(key, key_index=b"key", receipt='{"id": "x"}'), entry(key)])
    with store.slice() as opened:
        opened.write(rows)
        assert opened.heard([b"key", b"other"]).keys() == {b"key"}
        assert opened.claim([b"key"], [], []).heard[b"key"].receipt == '{"id": "x"}'
        assert opened.heard([]) == {}
    with pytest.raises(IntegrityError), store.slice() as opened:
        opened.write(SliceRows(entries=[entry(key, key_index=b"key")]))


def people(start: int, count: int, **changes: Any) -> list[Submission]:
    return [submission(at, key=f"{start}-{at}-{len(changes)}", **changes) for at in range(start, start + count)]


@pytest.mark.parametrize("changes", [{}, {"cong_viec_cu_the": "Kế toán trưởng"}], ids=["again", "changed"])
def test_a_slice_takes_as_many_statements_for_one_entry_as_for_256(house: World, changes: dict[str, Any]) -> None:
    def statements(submissions: list[Submission]) -> int:
        with counted_statements(house.database) as sent:
            receipts = house.intake.receive_slice(submissions)
        assert {receipt.state for receipt in receipts} <= {"accepted", "unchanged"}
        return len(sent)

    new = [statements(people(1_000, 1)), statements(people(2_000, 256))]
    known = [statements(people(1_000, 1, **changes)), statements(people(2_000, 256, **changes))]
    again = [
        statements(people(1_000, 1, dan_toc="03", **changes)),
        statements(people(2_000, 256, dan_toc="03", **changes)),
    ]
    assert new[0] == new[1]
    assert known[0] == known[1]
    assert again[0] == again[1]
    assert max(new + known + again) <= 22
