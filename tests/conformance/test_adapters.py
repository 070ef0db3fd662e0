"""One suite of promises for every adapter, each against its simulated system over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.adapter_port import (
    Change,
    Delivered,
    Delivery,
    Outcome,
    PersonKey,
    Refused,
    SystemAdapter,
    TryLater,
    View,
)
from contracts.worker import WorkerRecord
from tests.conformance.promises import keeps_its_promises
from tests.conformance.street import SHORT, Street, served

SYSTEMS = ("population", "social_insurance", "labour_market")
WRITING = {
    "population": "CapNhatThongTinLaoDong",
    "social_insurance": "capNhatThongTinNguoiLaoDong",
    "labour_market": "nguoi-lao-dong",
}


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with served(tmp_path_factory.mktemp("street")) as street:
        yield street


@dataclass(frozen=True, slots=True)
class Bench:
    """One system, emptied, with its adapter and people whom it knows."""

    system: str
    street: Street
    adapter: SystemAdapter
    records: tuple[WorkerRecord, ...]

    def deliveries(self, count: int, start: int = 0) -> list[Delivery]:
        chosen = self.records[start : start + count]
        return [Delivery(one.worker_id, 1, self.adapter.view(one), f"c-{one.worker_id}") for one in chosen]

    def held(self, view: View) -> Any:
        return self.street.mock(self.system, f"people/{_number(self.adapter, view)}")["held"]

    def fault(self, kind: str, **more: Any) -> None:
        self.street.mock(self.system, "faults", {"kind": kind, **more})


def _number(adapter: SystemAdapter, view: View) -> str:
    return adapter.person_key(view).personal_number or ""


@pytest.fixture(params=SYSTEMS)
async def bench(request: pytest.FixtureRequest, street: Street) -> AsyncIterator[Bench]:
    for name in ("platform", *SYSTEMS):
        street.mock(name, "reset", {})
    tokens = street.tokens()
    adapter = street.adapter(request.param, tokens)
    try:
        yield Bench(request.param, street, adapter, await _accepted(street, request.param, adapter))
    finally:
        await adapter.close()
        await tokens.close()


async def _accepted(street: Street, system: str, adapter: SystemAdapter) -> tuple[WorkerRecord, ...]:
    """People about whom form and system agree: real ones differ for one in a hundred, and that is another story."""
    records = street.records[:50]
    views = [adapter.view(one) for one in records]
    outcomes = await adapter.deliver(
        [Delivery(one.worker_id, 1, view, "c") for one, view in zip(records, views, strict=True)]
    )
    street.mock(system, "reset", {})
    return tuple(one for one, outcome in zip(records, outcomes, strict=True) if isinstance(outcome, Delivered))


def _causes(outcomes: list[Outcome]) -> list[str]:
    return ["delivered" if isinstance(one, Delivered) else one.cause for one in outcomes]


async def _all_changes(adapter: SystemAdapter, since: str | None = None, limit: int = 100) -> list[Change]:
    found: list[Change] = []
    more = True
    while more:
        page = await adapter.changes(since, limit)
        assert page.unreadable == ()
        found += page.changes
        since, more = page.cursor, page.more
    return found


async def test_the_promises_of_every_adapter_are_kept(bench: Bench) -> None:
    await keeps_its_promises(bench.adapter, bench.records[:5])


async def test_the_system_is_there(bench: Bench) -> None:
    assert (await bench.adapter.ping()).latency_ms > 0


async def test_what_is_delivered_is_held_field_by_field_and_read_back_alike(bench: Bench) -> None:
    batch = bench.deliveries(40)
    assert set(_causes(await bench.adapter.deliver(batch))) == {"delivered"}
    assert [bench.held(one.view) for one in batch] == [one.view for one in batch]
    keys = [bench.adapter.person_key(one.view) for one in batch]
    assert await bench.adapter.read(keys) == [one.view for one in batch]


async def test_a_view_is_whole_so_what_is_left_out_is_deleted(bench: Bench) -> None:
    batch = bench.deliveries(1)
    await bench.adapter.deliver(batch)
    record = bench.records[0]
    less = WorkerRecord(record.worker_id, 2, {"basic": record.groups["basic"]}, {})
    view = bench.adapter.view(less)
    assert len(view) < len(batch[0].view)
    await bench.adapter.deliver([Delivery(less.worker_id, 2, view, "c")])
    assert bench.held(view) == view


async def test_nobody_is_read_who_was_never_written(bench: Bench) -> None:
    batch = bench.deliveries(1)
    await bench.adapter.deliver(batch)
    known = bench.adapter.person_key(batch[0].view)
    unknown = PersonKey(personal_number="012199000001")
    assert await bench.adapter.read([unknown, known, PersonKey()]) == [None, batch[0].view, None]


async def test_outcomes_stand_in_the_order_of_the_deliveries(bench: Bench) -> None:
    batch = bench.deliveries(3)
    numbers = [_number(bench.adapter, one.view) for one in batch]
    bench.fault("refuse_person", person=numbers[0])
    bench.fault("busy_person", person=numbers[2])
    refused, done, later = await bench.adapter.deliver(batch)
    assert isinstance(refused, Refused)
    assert isinstance(done, Delivered)
    assert isinstance(later, TryLater)


async def test_one_unfit_view_takes_no_other_with_it(bench: Bench) -> None:
    batch = bench.deliveries(5)
    unfit = {
        name: "?" if name in {"GioiTinh", "gioiTinh", "gioi_tinh"} else value for name, value in batch[2].view.items()
    }
    batch[2] = Delivery(batch[2].worker_id, 1, unfit, "c")
    outcomes = await bench.adapter.deliver(batch)
    assert [type(one) for one in outcomes] == [Delivered, Delivered, Refused, Delivered, Delivered]


async def test_the_feed_tells_our_own_writing_as_it_was_sent(bench: Bench) -> None:
    batch = bench.deliveries(5)
    await bench.adapter.deliver(batch)
    changes = await _all_changes(bench.adapter, limit=2)
    assert [one.held for one in changes] == [one.view for one in batch]
    assert [one.person.personal_number for one in changes] == [_number(bench.adapter, one.view) for one in batch]


async def test_a_cursor_goes_on_where_it_was_left(bench: Bench) -> None:
    await bench.adapter.deliver(bench.deliveries(3))
    first = await bench.adapter.changes(None, 2)
    rest = await bench.adapter.changes(first.cursor, 2)
    assert (len(first.changes), first.more, len(rest.changes), rest.more) == (2, True, 1, False)
    again = await bench.adapter.changes(rest.cursor, 2)
    assert (again.changes, again.cursor, again.more) == ((), rest.cursor, False)


@pytest.mark.parametrize(
    ("kind", "causes"),
    [
        ("error_500", {"server-error"}),
        ("quota_429", {"quota"}),
        ("maintenance", {"maintenance"}),
        ("html", {"not-an-answer"}),
        ("cut", {"cut"}),
        ("garbage", {"not-an-answer"}),
    ],
)
async def test_trouble_over_there_is_told_as_later_and_passes(bench: Bench, kind: str, causes: set[str]) -> None:
    batch = bench.deliveries(2)
    bench.fault(kind, operation=WRITING[bench.system], for_requests=1)
    with pytest.raises(TryLater) as later:
        await bench.adapter.deliver(batch)
    assert later.value.cause in causes
    assert _causes(await bench.adapter.deliver(batch)) == ["delivered"] * 2


async def test_a_quota_says_when_to_come_back(bench: Bench) -> None:
    bench.fault("quota_429", for_requests=1, retry_after_s=9)
    with pytest.raises(TryLater) as later:
        await bench.adapter.deliver(bench.deliveries(1))
    assert later.value.retry_after_s == 9


async def test_a_lost_answer_is_later_and_a_read_back_shows_that_it_was_done(bench: Bench) -> None:
    batch = bench.deliveries(2)
    bench.fault("lost_answer", operation=WRITING[bench.system], for_requests=1)
    with pytest.raises(TryLater, match="cut"):
        await bench.adapter.deliver(batch)
    assert await bench.adapter.read([bench.adapter.person_key(one.view) for one in batch]) == [
        one.view for one in batch
    ]


async def test_an_answer_in_another_encoding_is_read_right_or_not_at_all(bench: Bench) -> None:
    batch = bench.deliveries(2)
    await bench.adapter.deliver(batch)
    bench.fault("wrong_encoding", for_requests=1)
    with pytest.raises(TryLater, match="not-an-answer"):
        await bench.adapter.read([bench.adapter.person_key(one.view) for one in batch])


async def test_an_effect_that_happens_twice_is_harmless(bench: Bench) -> None:
    batch = bench.deliveries(2)
    bench.fault("twice", operation=WRITING[bench.system], for_requests=1)
    assert _causes(await bench.adapter.deliver(batch)) == ["delivered"] * 2
    assert [bench.held(one.view) for one in batch] == [one.view for one in batch]


async def test_a_slow_system_is_not_waited_for_longer_than_agreed(bench: Bench) -> None:
    tokens = bench.street.tokens()
    hasty = bench.street.adapter(bench.system, tokens, SHORT)
    bench.fault("slow", seconds=3, for_requests=1)
    with pytest.raises(TryLater, match="timeout"):
        await hasty.deliver(bench.deliveries(1))
    await hasty.close()
    await tokens.close()


async def test_without_a_known_key_everybody_is_told_to_come_later(bench: Bench) -> None:
    tokens = bench.street.tokens(secret="wrong")
    stranger = bench.street.adapter(bench.system, tokens)
    with pytest.raises(TryLater, match="not-authorised"):
        await stranger.deliver(bench.deliveries(1))
    await stranger.close()
    await tokens.close()
