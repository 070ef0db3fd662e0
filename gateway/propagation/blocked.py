"""Who waits behind what: people grouped by the one thing that keeps them from the next step. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from contracts.causes import CauseClass, class_of
from gateway.store.sender_reports import SenderReport
from gateway.store.target_pauses import Pause
from gateway.store.target_rows import Waiting
from gateway.store.target_states import SUPERSEDED

Behind: TypeAlias = Literal[
    "switched_off", "pause", "no_process", "breaker", "retry", "read_back", "call", "queue", "identity", "dead_letter"
]
"""
    switched_off  the target's setting `enabled` is false
    pause         somebody, or the gateway itself, has paused the target
    no_process    no process that sends has reported lately
    breaker       the target does not answer anybody; it is asked again soon
    retry         this person's last attempt failed; the next is due at an instant
    read_back     a call may or may not have had its effect; the target is read first
    call          a call is under way
    queue         nothing but others before them
    identity      the target wants a verified identity, and it is not verified
    dead_letter   parked until somebody looks
"""
_AT_REST: Final = frozenset({"settled", "not_concerned"})


@dataclass(frozen=True, slots=True)
class Blocked:
    """So many people wait for one target behind one thing; instants are UTC text, None when there is none to tell."""

    target: str
    behind: Behind
    cause: str | None
    cause_class: CauseClass | None
    people: int
    oldest_since: str
    next_attempt_at: str | None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for targets as a whole, at one instant."""

    pauses: Mapping[str, Pause]
    """In force now, by target."""
    reports: Sequence[SenderReport]
    """Of the processes that are there now."""
    enabled: Collection[str]


def blocked(waiting: Iterable[Waiting], now: Circumstances) -> list[Blocked]:
    """Largest crowds first. Settled people wait for nothing."""
    groups: dict[tuple[str, Behind, str | None], list[Waiting]] = defaultdict(list)
    for row in waiting:
        if row.state not in _AT_REST:
            behind, cause = _behind(row, now)
            groups[row.target, behind, cause].append(row)
    found = [_blocked(target, behind, cause, rows, now) for (target, behind, cause), rows in groups.items()]
    return sorted(found, key=lambda one: (-one.people, one.target, one.behind, one.cause or ""))


def _behind(row: Waiting, now: Circumstances) -> tuple[Behind, str | None]:
    if row.state == "parked":
        return "dead_letter", row.cause
    if row.state == "waiting_for_identity":
        return "identity", None
    if row.state == "sending":
        return "call", None
    if row.target not in now.enabled:
        return "switched_off", None
    if (pause := now.pauses.get(row.target)) is not None:
        return "pause", pause.cause
    reports = [report for report in now.reports if report.target == row.target]
    if not reports:
        return "no_process", None
    if all(report.breaker == "open" for report in reports):
        return "breaker", reports[0].cause
    if row.state == "unknown":
        return "read_back", row.cause
    return ("retry", row.cause) if row.cause not in (None, SUPERSEDED) else ("queue", None)


def _blocked(target: str, behind: Behind, cause: str | None, rows: Sequence[Waiting], now: Circumstances) -> Blocked:
    coming = [row.next_attempt_at for row in rows if row.next_attempt_at is not None]
    next_attempt_at = min(coming, default=None)
    if behind == "pause":
        next_attempt_at = now.pauses[target].ends_at
    elif behind in {"switched_off", "no_process"}:
        next_attempt_at = None
    is_fault = cause is not None and behind != "pause"
    return Blocked(
        target=target,
        behind=behind,
        cause=cause,
        cause_class=class_of(cause) if is_fault and cause is not None else None,
        people=sum(row.people for row in rows),
        oldest_since=min(row.oldest_since for row in rows),
        next_attempt_at=next_attempt_at,
    )
