"""Audit rows get their places in the chain: all of them, once, in the order of commits, by one process at a time."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, insert, select, text

from gateway.audit.chain import START, Head
from gateway.audit.lines import read_line
from gateway.audit.verifying import Fault, Trail, verify
from gateway.clock import instant, parse_instant, system_clock
from gateway.store import audit
from gateway.store.audit_chain import CHAINED_AT_ONCE_MAX
from gateway.store.leases import LeaseLost, Leases
from gateway.store.schema import audit_chain, audit_checkpoints, audit_rows
from tests.integration.audit_world import KEYS, READING, SIGNER, AuditWorld

WRITERS, ACTS = 8, 40


@pytest.fixture
def world(database_url: str) -> Iterator[AuditWorld]:
    made = AuditWorld(database_url)
    yield made
    made.database.close()


def waiting(world: AuditWorld) -> int:
    with world.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(audit_rows)).scalar_one())


def test_each_row_covers_the_one_before_it_and_the_first_checkpoint_is_signed_at_once(world: AuditWorld) -> None:
    world.act(rows=3)
    assert world.chainer.step() == 3
    rows = world.chained()
    assert [row.position for row in rows] == [1, 2, 3]
    assert rows[0].hash == rows[0].expected_hash(START)
    assert rows[2].hash == rows[2].expected_hash(rows[1].hash)
    (signed,) = world.checkpoints()
    assert (signed.position, signed.hash) == (3, rows[2].hash)
    assert waiting(world) == 0
    assert world.chainer.step() == 0
    trail = world.verdict()
    assert isinstance(trail, Trail)
    assert (trail.rows, trail.checkpoints) == (3, 1)


def test_what_is_chained_is_signed_within_half_a_minute_and_nothing_is_signed_twice(world: AuditWorld) -> None:
    for _ in range(100):
        world.act()
        world.chainer.step()
        world.clock.go_on(1)
    made = [parse_instant(one.signed_at) for one in world.checkpoints()]
    assert len(made) == 4
    assert max((later - earlier).total_seconds() for earlier, later in itertools.pairwise(made)) <= 30
    world.clock.go_on(600)
    for _ in range(3):
        world.chainer.step()
    assert len(world.checkpoints()) == 5
    assert world.checkpoints()[-1].position == 100


def test_a_clock_that_was_put_back_does_not_silence_the_signatures(world: AuditWorld) -> None:
    world.act()
    world.chainer.step()
    world.clock.go_on(-3_600)
    world.act()
    world.chainer.step()
    assert [one.position for one in world.checkpoints()] == [1, 2]


def test_a_row_that_commits_late_gets_a_late_place_and_none_is_lost(world: AuditWorld) -> None:
    if world.database.is_sqlite:
        # One writer at a time: the id is taken and committed in one.
        world.act("first")
        world.act("second")
        world.chainer.step()
    else:
        with world.database.engine.begin() as slow:
            audit.add(slow, instant(system_clock()), "local", "worker:read", "second", READING.told())
            world.act("first")
            assert world.chainer.step() == 1
        world.chainer.step()
    assert [row.subject for row in world.chained()] == ["first", "second"]
    assert isinstance(world.verdict(), Trail)


async def test_many_writers_and_two_chainers_give_every_row_one_place(world: AuditWorld) -> None:
    stop = asyncio.Event()
    loops = [asyncio.create_task(world.new_chainer(name).run(stop)) for name in ("one", "two")]

    def write(seed: int) -> None:
        for number in range(ACTS):
            world.act(f"{seed}-{number}", rows=1 + number % 3)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        await asyncio.to_thread(writer.join)
    await asyncio.sleep(1)
    assert waiting(world) == 0, "within a second"
    stop.set()
    await asyncio.gather(*loops)
    expected = WRITERS * sum(1 + number % 3 for number in range(ACTS))
    rows = world.chained()
    assert {row.subject for row in rows} == {f"{seed}-{number}" for seed in range(WRITERS) for number in range(ACTS)}
    assert len(rows) == expected
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    # Within one writer, what was committed first stands first.
    for seed in range(WRITERS):
        mine = [int(row.subject.partition("-")[2]) for row in rows if row.subject.startswith(f"{seed}-")]
        assert mine == sorted(mine)
    trail = world.verdict()
    assert isinstance(trail, Trail), trail
    assert world.checkpoints()[-1].position == len(rows), "what is left is signed at the end"


def test_a_chainer_that_was_stopped_and_woken_changes_nothing(world: AuditWorld) -> None:
    world.act()
    stale, leases = world.chainer, Leases(world.database, world.clock)
    stale.step()
    lease = stale._lease
    assert lease is not None
    world.clock.go_on(5)
    world.act()
    other = world.new_chainer("two")
    assert other.step() == 1
    world.act()
    with pytest.raises(LeaseLost):
        world.chain.chain(leases, lease, 4.0)
    assert stale.step() == 0
    assert (len(world.chained()), waiting(world)) == (2, 1)
    assert other.step() == 1
    assert isinstance(world.verdict(), Trail)


def test_after_an_orderly_end_another_begins_at_once(world: AuditWorld) -> None:
    world.act()
    world.chainer.step()
    world.chainer.release()
    world.act()
    assert world.new_chainer("two").step() == 1


def test_a_batch_has_a_limit_and_the_rest_follows(world: AuditWorld) -> None:
    told = {"at": instant(world.clock()), "actor": "a", "action": "worker:read", "subject": "s", "outcome": "success"}
    with world.database.write() as connection:
        connection.execute(insert(audit_rows), [{**told, "detail": "{}"}] * (CHAINED_AT_ONCE_MAX + 5))
    assert [world.chainer.step() for _ in range(3)] == [CHAINED_AT_ONCE_MAX, 5, 0]
    assert isinstance(world.verdict(), Trail)


def test_texts_of_any_letters_keep_their_hash_on_both_databases(world: AuditWorld) -> None:
    for subject in ('Mường Tè "x"\\', "\u2028\x7f\t\n", "😀" * 16, "Lê\u0301"):
        world.act(subject)
    world.chainer.step()
    assert isinstance(world.verdict(), Trail)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE audit_chain SET actor = 'x' WHERE position = 3", "row-changed"),
        ("UPDATE audit_chain SET chained_at = at || '' , subject = 'y' WHERE position = 6", "row-changed"),
        ("DELETE FROM audit_chain WHERE position = 4", "position"),
        ("DELETE FROM audit_checkpoints WHERE number = 1", "checkpoint"),
        ("UPDATE audit_checkpoints SET signed_at = '2020-01-01T00:00:00.000000Z' WHERE number = 1", "signature"),
        ("DELETE FROM audit_chain WHERE position = 1", "position"),
    ],
)
def test_what_is_changed_in_the_database_is_found_in_the_next_export(
    world: AuditWorld, statement: str, code: str
) -> None:
    world.act(rows=3)
    world.chainer.step()
    world.clock.go_on(31)
    world.act(rows=3)
    world.chainer.step()
    with world.database.write() as connection:
        assert connection.execute(text(statement)).rowcount == 1
    found = world.verdict()
    assert isinstance(found, Fault)
    assert found.code == code


def test_an_end_cut_off_in_the_database_is_found_by_an_earlier_export(world: AuditWorld) -> None:
    world.act(rows=3)
    world.chainer.step()
    world.clock.go_on(31)
    world.act(rows=2)
    world.chainer.step()
    earlier = read_line(world.export()[-1])
    assert isinstance(earlier, Head)
    assert isinstance(verify(world.export(), KEYS.check, earlier), Trail)
    with world.database.write() as connection:
        connection.execute(audit_checkpoints.delete().where(audit_checkpoints.c.number == 2))
        connection.execute(audit_chain.delete().where(audit_chain.c.position > 3))
    cut = world.export()
    assert isinstance(world.verdict(cut), Trail), "by itself it is an older export"
    assert verify(cut, KEYS.check, earlier) == Fault("earlier", len(cut))
    world.act("other", rows=4)
    world.chainer.step()
    assert isinstance(world.verdict(), Trail)
    found = verify(world.export(), KEYS.check, earlier)
    assert isinstance(found, Fault)
    assert found.code == "earlier"


def test_an_empty_trail_can_be_exported(world: AuditWorld) -> None:
    trail = world.verdict()
    assert isinstance(trail, Trail)
    assert (trail.rows, trail.head.key_id) == (0, SIGNER.key_id)
