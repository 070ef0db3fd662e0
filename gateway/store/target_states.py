"""What one target should hold of one person, and what it is known to hold: the states, and every step between them.

    not_concerned         the person is none of this target's business any more (merged away, erased)
    waiting_for_identity  the target demands a verified identity, and it is not verified yet
    due                   to be sent; what is applied is known, or known to be unknown (`applied_hash` is None)
    sending               a call is under way under `lease_epoch`, until `lease_until` at the latest
    unknown               a call may or may not have had its effect: the target is read before anything else
    parked                a dead letter: it cannot be made as things are, `cause` says why
    settled               what is wanted is applied

Every step is pure: a row goes in, the row that shall be stored comes out, or None when nothing changes. Whoever applies
one holds the row's lock (`target_rows.change`). A target's own report is stored by `store/reported.py`, in its entry's
commit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

State: TypeAlias = Literal["settled", "due", "sending", "unknown", "waiting_for_identity", "parked", "not_concerned"]
SUPERSEDED: Final = "superseded"
DISAGREEMENT: Final = "disagreement"


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One row of `target_states`; `version` counts records, hashes are keyed per person, instants are UTC text.

    `applied_view` and `answer` are sealed and only ever written: None leaves what is stored (an answer is forgotten
    with the letter it explains).
    """

    worker_id: str
    target: str
    state: State
    wanted_version: int
    wanted_hash: bytes | None
    wanted_at: str
    applied_version: int
    applied_hash: bytes | None
    applied_at: str | None
    applied_key_id: str | None
    attempts: int
    next_attempt_at: str
    lease_epoch: int
    lease_until: str | None
    cause: str | None
    since: str
    correlation_id: str | None
    applied_view: bytes | None = None
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a record, as it stands, asks of one target.

    `state`: `due` with a hash; `parked` with a cause when the record cannot be said in the target's words;
    `waiting_for_identity`; `unknown` after a merge or split, when two pictures of a person may be over there;
    `not_concerned` when the record is gone.
    """

    worker_id: str
    version: int
    hash: bytes | None
    state: State
    cause: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A view that the target is known to hold: its hash, and itself, sealed under the key named."""

    version: int
    hash: bytes | None
    key_id: str | None
    box: bytes | None


def first(target: str, wanted: Wanted, at: str) -> TargetRow:
    """The row of a person whom the target was never asked to know."""
    return TargetRow(
        worker_id=wanted.worker_id,
        target=target,
        state=wanted.state,
        wanted_version=wanted.version,
        wanted_hash=wanted.hash,
        wanted_at=at,
        applied_version=0,
        applied_hash=None,
        applied_at=None,
        applied_key_id=None,
        attempts=0,
        next_attempt_at=at,
        lease_epoch=0,
        lease_until=None,
        cause=wanted.cause,
        since=at,
        correlation_id=wanted.correlation_id,
    )


def raised(row: TargetRow, wanted: Wanted, at: str) -> TargetRow | None:
    """The record has moved on. Only above both versions, so that a repeated or late event changes nothing."""
    if wanted.state == "not_concerned":
        return forgotten(row, at)
    if wanted.version <= max(row.wanted_version, row.applied_version):
        return None
    newer = replace(
        row,
        wanted_version=wanted.version,
        wanted_hash=wanted.hash,
        wanted_at=at,
        correlation_id=wanted.correlation_id,
    )
    if wanted.state == "unknown":
        return _doubted(newer, at)
    if row.state in {"sending", "unknown"}:
        return newer
    if row.state == "parked" and wanted.state == "due" and wanted.hash == row.wanted_hash:
        return newer
    return _asked(newer, row, wanted, at)


def _asked(newer: TargetRow, row: TargetRow, wanted: Wanted, at: str) -> TargetRow:
    """What a row at rest, or due, comes to when another view is wanted."""
    cause = SUPERSEDED if row.state == "parked" else wanted.cause
    if wanted.state != "due":
        return _moved(newer, wanted.state, at, cause=wanted.cause)
    if wanted.hash == row.applied_hash:
        return _settled(replace(newer, cause=cause), at)
    if row.state == "due":
        return newer  # keeps its attempts: ten changes during an outage are one call, when it is over
    return _moved(newer, "due", at, cause=cause, attempts=0, next_attempt_at=at)


def claimed(row: TargetRow, wanted: Wanted, at: str, until: str) -> TargetRow | None:
    """A due row is taken for sending the view as it stands; or needs no call, or can no longer be sent."""
    if row.state != "due" or row.next_attempt_at > at or wanted.version < row.wanted_version:
        return None
    current = _as_it_stands(row, wanted)
    if wanted.state != "due":
        return _turned_away(current, wanted, at)
    if wanted.hash == row.applied_hash:
        return _settled(current, at)
    return _leased(_moved(current, "sending", at, cause=row.cause), until)


def claimed_for_reading(row: TargetRow, wanted: Wanted, at: str, until: str) -> TargetRow | None:
    """An unknown row is taken for reading back; its state stays, its epoch keeps others off."""
    if row.state != "unknown" or row.next_attempt_at > at or wanted.version < row.wanted_version:
        return None
    current = _as_it_stands(row, wanted)
    if wanted.state != "due":
        return _turned_away(replace(current, applied_hash=None), wanted, at)
    return _leased(current, until)


def read_back(row: TargetRow, epoch: int, held: Applied, at: str) -> TargetRow | None:
    """The target was read: what it holds is applied; it is settled, or due again."""
    if row.state != "unknown" or row.lease_epoch != epoch:
        return None
    known = _with_applied(row, replace(held, version=row.applied_version), at)
    if held.hash is not None and held.hash == row.wanted_hash:
        return _settled(known, at)
    return _moved(known, "due", at, cause=row.cause, next_attempt_at=at, lease_until=None)


def unread(row: TargetRow, epoch: int, cause: str, next_attempt_at: str) -> TargetRow | None:
    """Reading back got no answer."""
    if row.state != "unknown" or row.lease_epoch != epoch:
        return None
    return replace(row, attempts=row.attempts + 1, cause=cause, next_attempt_at=next_attempt_at, lease_until=None)


def delivered(row: TargetRow, epoch: int, applied: Applied, at: str) -> TargetRow | None:
    """The target took the view: settled, or due again when another is wanted meanwhile."""
    if not _holds(row, epoch):
        return lost(row, at)
    known = _with_applied(row, applied, at)
    if applied.hash == row.wanted_hash:
        return _settled(known, at)
    return _moved(known, "due", at, cause=None, attempts=0, next_attempt_at=at, lease_until=None)


def postponed(row: TargetRow, epoch: int, cause: str, at: str, next_attempt_at: str, attempts: int) -> TargetRow | None:
    """No answer: later. An answer lost after its effect looks the same, so nothing is known to be applied now."""
    if not _holds(row, epoch):
        return lost(row, at)
    again = replace(row, applied_hash=None, attempts=attempts)
    return _moved(again, "due", at, cause=cause, next_attempt_at=next_attempt_at, lease_until=None)


def refused(
    row: TargetRow, epoch: int, sent_hash: bytes, cause: str, answer: bytes | None, at: str
) -> TargetRow | None:
    """The target said no: parked, unless another view is wanted meanwhile."""
    if not _holds(row, epoch):
        return lost(row, at)
    tried = replace(row, attempts=row.attempts + 1, answer=answer)
    if sent_hash != row.wanted_hash:
        return _moved(tried, "due", at, cause=SUPERSEDED, attempts=0, next_attempt_at=at, lease_until=None)
    return _moved(tried, "parked", at, cause=cause, lease_until=None)


def lost(row: TargetRow, at: str) -> TargetRow | None:
    """A call ended after its lease was lost: an older view may have landed on top of what is believed to be applied."""
    if row.state == "not_concerned":
        return None
    if row.state in {"parked", "waiting_for_identity"}:
        return None if row.applied_hash is None else replace(row, applied_hash=None)
    return _doubted(row, at)


def expired(row: TargetRow, at: str) -> TargetRow | None:
    """Nobody came back from a call: its process is gone, or stands still."""
    if row.state != "sending" or row.lease_until is None or row.lease_until > at:
        return None
    return _doubted(row, at)


def echoed_late(row: TargetRow, at: str) -> TargetRow | None:
    """The target reports a view that we sent, but not the last one: which of them landed last is not known."""
    return None if row.state == "unknown" else lost(row, at)


def disagreed(row: TargetRow, held: Applied, at: str) -> TargetRow | None:
    """The target goes on changing what it is sent: people must decide."""
    if row.state == "not_concerned":
        return None
    known = replace(_with_applied(row, held, at), lease_epoch=row.lease_epoch + 1, lease_until=None)
    return _moved(known, "parked", at, cause=DISAGREEMENT)


def retried(row: TargetRow, at: str) -> TargetRow | None:
    """A person says: try this letter again."""
    if row.state != "parked":
        return None
    return _moved(row, "due", at, cause=row.cause, attempts=0, next_attempt_at=at)


def forgotten(row: TargetRow, at: str) -> TargetRow | None:
    """The record is gone: nothing is wanted there any more. (The stored view is deleted with it.)"""
    if row.state == "not_concerned":
        return None
    gone = replace(row, wanted_hash=None, applied_hash=None, applied_key_id=None, lease_epoch=row.lease_epoch + 1)
    return _moved(gone, "not_concerned", at, cause=None, lease_until=None)


def _holds(row: TargetRow, epoch: int) -> bool:
    return row.state == "sending" and row.lease_epoch == epoch


def _as_it_stands(row: TargetRow, wanted: Wanted) -> TargetRow:
    return replace(row, wanted_version=wanted.version, wanted_hash=wanted.hash)


def _turned_away(row: TargetRow, wanted: Wanted, at: str) -> TargetRow:
    gone = forgotten(row, at) if wanted.state == "not_concerned" else None
    return gone or _moved(row, wanted.state, at, cause=wanted.cause)


def _leased(row: TargetRow, until: str) -> TargetRow:
    # An expired lease is found by the same index as due work.
    return replace(row, lease_epoch=row.lease_epoch + 1, lease_until=until, next_attempt_at=until)


def _with_applied(row: TargetRow, applied: Applied, at: str) -> TargetRow:
    return replace(
        row,
        applied_version=applied.version,
        applied_hash=applied.hash,
        applied_at=at,
        applied_key_id=applied.key_id or row.applied_key_id,
        applied_view=applied.box,
    )


def _settled(row: TargetRow, at: str) -> TargetRow:
    cause = SUPERSEDED if row.cause == SUPERSEDED else None
    done = replace(row, applied_version=row.wanted_version, attempts=0, lease_until=None)
    return _moved(done, "settled", at, cause=cause)


def _doubted(row: TargetRow, at: str) -> TargetRow:
    doubted = replace(row, applied_hash=None, lease_epoch=row.lease_epoch + 1, lease_until=None, next_attempt_at=at)
    return _moved(doubted, "unknown", at, cause=row.cause)


def _moved(
    row: TargetRow,
    state: State,
    at: str,
    *,
    cause: str | None,
    attempts: int | None = None,
    next_attempt_at: str | None = None,
    lease_until: str | None = None,
) -> TargetRow:
    return replace(
        row,
        state=state,
        cause=cause,
        since=row.since if row.state == state else at,
        attempts=row.attempts if attempts is None else attempts,
        next_attempt_at=next_attempt_at or row.next_attempt_at,
        lease_until=lease_until,
    )
