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

    `consumed_up_to`: this write and all earlier ones have been echoed. `late`: the last echo was not of the latest
    write, so which of them landed last is not known. `quarrel`: the change with which the target undid the same view
    for the third time.
    """

    echoes: frozenset[str] = frozenset()
    consumed_up_to: int | None = None
    late: bool = False
    news: tuple[str, ...] = ()
    quarrel: Heard | None = None
    pairs: tuple[Pair, ...] = field(default=())


def judge(reports: Sequence[Heard], writes: Sequence[Write], row: TargetRow | None, pairs: Sequence[Pair]) -> Judgement:
    """Judge the reports of one person, oldest first, against the writes not echoed yet (oldest first)."""
    echoes: set[str] = set()
    others: list[Heard] = []
    consumed = last_echoed = 0
    for report in reports:
        match = _match(report.hash, writes, consumed)
        if match is None:
            others.append(report)
            continue
        echoes.add(report.change_id)
        consumed, last_echoed = max(consumed, match), match
    kept, quarrel = _quarrel(others, row, pairs)
    quarrelled = () if quarrel is None else (quarrel.hash,)
    return Judgement(
        echoes=frozenset(echoes),
        consumed_up_to=consumed or None,
        late=bool(echoes) and last_echoed != writes[-1].id,
        news=tuple(report.change_id for report in others if report.hash not in quarrelled),
        quarrel=quarrel,
        pairs=kept,
    )


def _match(reported: bytes, writes: Sequence[Write], consumed: int) -> int | None:
    """The earliest write it can be the echo of; else one echoed already in this page: it landed late."""
    same = [write.id for write in writes if write.hash == reported]
    return next((write_id for write_id in same if write_id > consumed), same[-1] if same else None)


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
