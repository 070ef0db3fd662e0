"""What a target itself reports to hold, stored in the commit of the entry that the report became.

The report decides nothing about what the target *should* hold: that is propagation's word. It only says what is
applied, and makes the row due when that differs from what is wanted now. One SQL text serves both databases.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import LargeBinary, String, Uuid, bindparam, text

from gateway.store.intake_rows import ReportedRow

UPSERT = text(
    """
    INSERT INTO target_states AS held
        (worker_id, target, state, wanted_version, wanted_at, applied_version, applied_hash, applied_at,
         applied_key_id, applied_view, attempts, next_attempt_at, lease_epoch, since)
    VALUES (:worker_id, :target, 'settled', 0, :at, 0, :held_hash, :at, :key_id, :held, 0, :at, 0, :at)
    ON CONFLICT (worker_id, target) DO UPDATE SET
        applied_hash = excluded.applied_hash,
        applied_at = excluded.applied_at,
        applied_key_id = excluded.applied_key_id,
        applied_view = excluded.applied_view,
        next_attempt_at = excluded.next_attempt_at,
        -- A call is under way while the target reports: whichever lands last is not known, so read back.
        lease_epoch = CASE WHEN held.state = 'sending' THEN held.lease_epoch + 1 ELSE held.lease_epoch END,
        -- The instant of the present state: a report that leaves the state as it was does not make it younger.
        since = CASE
            WHEN held.state IN ('waiting_for_identity', 'not_concerned', 'unknown') THEN held.since
            WHEN held.state <> 'sending' AND (held.state = 'settled')
                = COALESCE(held.wanted_hash = excluded.applied_hash, held.state = 'settled') THEN held.since
            ELSE excluded.since
        END,
        state = CASE
            WHEN held.state = 'sending' THEN 'unknown'
            WHEN held.state IN ('waiting_for_identity', 'not_concerned', 'unknown') THEN held.state
            WHEN held.wanted_hash = excluded.applied_hash THEN 'settled'
            WHEN held.state = 'parked' THEN 'parked'
            WHEN held.wanted_hash IS NULL THEN held.state
            ELSE 'due'
        END
    """
).bindparams(
    bindparam("worker_id", type_=Uuid(as_uuid=False)),
    bindparam("key_id", type_=Uuid(as_uuid=False)),
    bindparam("target", type_=String()),
    bindparam("held_hash", type_=LargeBinary()),
    bindparam("held", type_=LargeBinary()),
)


def parameters(row: ReportedRow) -> dict[str, Any]:
    """The bound values of one report."""
    return {
        "worker_id": row.worker_id,
        "target": row.target,
        "at": row.at,
        "held_hash": row.held_hash,
        "key_id": row.key_id,
        "held": row.held,
    }
