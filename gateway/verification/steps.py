"""Every step of a verification. Pure: a row goes in, the row to be stored comes out, or None when nothing changes."""

from __future__ import annotations

from dataclasses import replace

from contracts.adapter_port import IdentityAnswer
from gateway.store.verifications import WAITING, Verification
from gateway.verification.claims import INCOMPLETE, Identity

_CAUSE_LENGTH_MAX = 64


def heard(row: Verification | None, identity: Identity, at: str) -> Verification | None:
    """A record was changed. A claim that was answered, and the one that its answer made, is not asked again."""
    if identity.verified:
        return None if row is None else _confirmed(row, identity)
    if identity.claim is None:
        return _incomplete(row, identity, at)
    if row is not None and identity.hash in {row.identity_hash, row.answered_hash}:
        return None if row.commune == identity.commune else replace(row, commune=identity.commune)
    answered = None if row is None else row.answered_hash
    return Verification(identity.worker_id, identity.hash, WAITING, answered, (), None, 0, at, at, identity.commune)


def taken(row: Verification, identity: Identity | None, at: str, until: str) -> Verification | None:
    """It is about to be asked, with the claim as it stands; others leave it alone until then."""
    if row.next_at is None or row.next_at > at:
        return None
    if identity is None:
        return replace(row, outcome="not_found", cause="erased", next_at=None)
    if identity.verified or identity.claim is None:
        return heard(row, identity, at) or replace(row, next_at=None)
    return replace(row, identity_hash=identity.hash, commune=identity.commune, next_at=until)


def answered(
    row: Verification, asked_hash: bytes, answer: IdentityAnswer, produced_hash: bytes | None, at: str
) -> Verification | None:
    """An answer to a claim that still stands; another claim heard of meanwhile is asked for by itself."""
    if row.identity_hash != asked_hash:
        return None
    return replace(
        row,
        outcome=answer.outcome,
        answered_hash=produced_hash if answer.outcome == "verified" else row.answered_hash,
        differing=answer.differing,
        cause=answer.cause[:_CAUSE_LENGTH_MAX] or None,
        attempts=row.attempts + 1,
        next_at=None,
        since=at,
    )


def unanswered(row: Verification, asked_hash: bytes, cause: str, next_at: str) -> Verification | None:
    """No answer: asked again later. `since` stays, so that it is seen how long this has gone on."""
    if row.identity_hash != asked_hash:
        return None
    return replace(
        row, outcome="no_answer", cause=cause[:_CAUSE_LENGTH_MAX], attempts=row.attempts + 1, next_at=next_at
    )


def put_back(row: Verification, next_at: str) -> Verification | None:
    """It was taken but not asked."""
    return None if row.next_at is None else replace(row, next_at=next_at)


def again(row: Verification, at: str) -> Verification | None:
    """A person says: ask again (the population database has been completed since)."""
    if row.outcome == "verified":
        return None
    return replace(row, outcome=WAITING, cause=None, attempts=0, next_at=at, since=at)


def _confirmed(row: Verification, identity: Identity) -> Verification | None:
    cause = row.cause if row.outcome == "verified" else None
    confirmed = replace(
        row,
        identity_hash=identity.hash,
        outcome="verified",
        differing=(),
        cause=cause,
        next_at=None,
        commune=identity.commune,
    )
    return None if confirmed == row else confirmed


def _incomplete(row: Verification | None, identity: Identity, at: str) -> Verification | None:
    if row is not None and row.cause == INCOMPLETE:
        return None
    return Verification(identity.worker_id, b"", "not_found", None, (), INCOMPLETE, 0, None, at, identity.commune)
