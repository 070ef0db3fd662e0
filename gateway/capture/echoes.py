"""Is a reported change our own call coming back, a quarrel, or news? Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.store.capture_cursors import PAIRS_KEPT, Pair
from gateway.store.target_states import TargetRow
from gateway.store.target_writes import Write


@dataclass(frozen=True, slots=True)
class Heard:
    """One reported change of a person whom we know: its id, and the keyed hash of what the target now holds."""

    change_id: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one person's reports of a page come to, in the feed's order.

    `echoed`: ids of writes that have had their echo; `passed_over`: earlier ones whose echo may still come. `late`: the
    last echo was not of the latest write, or not what we know of the target: which of them landed last is not known.
    `quarrel`: the change with which
    the target undid the same view for the third time.
    """

    echoes: frozenset[str] = frozenset()
    echoed: tuple[int, ...] = ()
    passed_over: tuple[int, ...] = ()
    late: bool = False
    news: tuple[str, ...] = ()
    quarrel: Heard | None = None
    pairs: tuple[Pair, ...] = field(default=())


def judge(reports: Sequence[Heard], writes: Sequence[Write], row: TargetRow | None, pairs: Sequence[Pair]) -> Judgement:
    """Judge the reports of one person, oldest first, against the writes not echoed yet (oldest first)."""
    own = _own(reports, writes)
    others = [report for report in reports if report.change_id not in own.echoes]
    kept, quarrel = _quarrel(others, row, pairs)
    quarrelled = () if quarrel is None else (quarrel.hash,)
    passed_over = [one.id for one in writes if one.id < own.newest and one.id not in own.echoed and not one.passed_over]
    return Judgement(
        echoes=frozenset(own.echoes),
        echoed=tuple(sorted(own.echoed)),
        passed_over=tuple(passed_over),
        late=own.late or _belies(reports, own.echoes, row),
        news=tuple(report.change_id for report in others if report.hash not in quarrelled),
        quarrel=quarrel,
        pairs=kept,
    )


@dataclass(slots=True)
class _Own:
    """What is our own voice in a page. `newest`: id of the newest write that was echoed, 0 for none."""

    echoes: set[str] = field(default_factory=set)
    echoed: set[int] = field(default_factory=set)
    newest: int = 0
    late: bool = False


def _own(reports: Sequence[Heard], writes: Sequence[Write]) -> _Own:
    found = _Own()
    for report in reports:
        same = [write for write in writes if write.hash == report.hash]
        if not same:
            continue
        found.echoes.add(report.change_id)
        # The earliest write it can be the echo of; else one that a newer one overtook, or that was echoed before.
        first = next((one for one in same if one.id > found.newest and not one.passed_over), None)
        if first is not None:
            found.echoed.add(first.id)
            found.newest = first.id
            found.late = first is not writes[-1]
        else:
            # Heard late once, the view is known to have landed: whoever goes back to it again is somebody else.
            found.echoed.update(one.id for one in same)
            found.late = True
    return found


def _belies(reports: Sequence[Heard], echoes: set[str], row: TargetRow | None) -> bool:
    """Whether the page ends with our own voice saying something else than we know to be held.

    A call whose process died may land after the target was read back. While a call is under way its own echo may come
    before its answer: then the answer says what is held.
    """
    if row is None or row.state == "sending" or row.applied_hash is None:
        return False
    return bool(reports) and reports[-1].change_id in echoes and reports[-1].hash != row.applied_hash


def _quarrel(
    others: Sequence[Heard], row: TargetRow | None, pairs: Sequence[Pair]
) -> tuple[tuple[Pair, ...], Heard | None]:
    """Three times in a row the same view of ours was answered with the same other one."""
    kept = list(pairs)
    quarrel: Heard | None = None
    seen: set[bytes] = set()
    for report in others:
        if report.hash in seen or not _undoes(report.hash, row):
            continue
        seen.add(report.hash)
        assert row is not None
        assert row.wanted_hash is not None
        kept = [*kept, (row.wanted_hash.hex(), report.hash.hex())][-PAIRS_KEPT:]
        if len(kept) == PAIRS_KEPT and len(set(kept)) == 1:
            quarrel = report
    return tuple(kept), quarrel


def _undoes(reported: bytes, row: TargetRow | None) -> bool:
    # Told twice without a call of ours between is one word, not two.
    return row is not None and row.wanted_hash not in {None, reported} and row.applied_hash != reported
